// The reader of a pasted log: REPORT lines in; out, what they cost and for what. It needs no page.

const LOG_PATTERNS = Object.fromEntries(LOG.fields.map(({ name, pattern }) => [name, new RegExp(pattern)]));
const ID = 'request_id';
const JSON_NAMES = Object.fromEntries(LOG.fields.map(({ json_name: name = '' }) => [name.toLowerCase(), name]));
// What the command alone reads, or calls unread: dumps, digits of bytes, base32, uuencode, base85, quoted blanks, pieces of a line, heads that a blank
// parts, rows whose heads nobody knows.
const OTHER = /^0{6,8}:? |^( ?(0x)?\w\w[ ,:-]){8}|^[A-Z2-7]{60}|^M[ -\x60]{60}|^[^[{" ]\S*[!*^~\x60]\S{40}|:=20|std\w+ P |uration\w* \S*[DMdm](ur|em)|-\w{12}["\d\t .,;|]{12}/m;
const MOST_READ = 5_000_000; // characters: more belongs to the command line
const NS = 1e6; // nanoseconds in a millisecond: lengths are whole numbers of them, so exact

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
// What Python, Node or Ruby prints of an object of names and figures.
const AS_JSON = { True: true, False: false };
const signInJson = (sign, hex) => (hex ? `\\u00${hex}` : { "\\'": "'", '"': '\\"' }[sign] ?? sign);
const inJson = (_, one, other, word, arrow, key) => {
  const text = one ?? other;
  if (text !== undefined) return `"${text.replace(RULES.printed_sign, signInJson)}"`;
  return word ? String(AS_JSON[word] ?? null) : arrow ? ':' : key ? `"${key}"` : '';
};
const printed = (text) => parsed(text.replace(RULES.printed, inJson).replace(RULES.pieces, ''));
const zeros = (names) => Object.fromEntries(names.map((name) => [name, 0]));
const isLength = (value) => typeof value === 'number' && value >= 0 && value <= LOG.most_ms;

// The fields of one record, or null where it lacks one of those that it has to have, by the rules of report.py.
function readReport(text, fields = LOG.required) {
  const values = typeof text === 'string' ? fromText(text) : fromJson(text);
  if (!values || fields.some((name) => values[name] === undefined)) return null;
  const lengths = [values.duration_ms, values.billed_ms, values.init_ms ?? 0, values.billed_restore_ms ?? 0];
  const sized = values.memory_mb > 0 && Math.max(values.memory_mb, values.max_memory_used_mb ?? 0) <= LOG.most_mb;
  return sized && Math.max(...lengths) <= LOG.most_ms ? values : null;
}

// What a record has to have: all but its peak memory, which is unknown where it is not named.
const neededOf = (said) => (finds('peak', said) ? LOG.required : LOG.required.slice(0, -1));

function fromText(text) {
  const values = {};
  for (const { name, kind } of LOG.fields) {
    const found = LOG_PATTERNS[name].exec(text);
    if (found) values[name] = kind === 'text' ? found[1] : Number(found[1]);
  }
  return values;
}

// A JSON event as the line it stands for: one set of patterns judges both.
function fromJson(event) {
  const record = event?.type === 'platform.report' && event.record;
  if (!record?.metrics) return null;
  const said = { request_id: record.requestId, status: record.status, error_type: record.errorType };
  const written = LOG.fields.map(({ name, kind, label, unit = '', json_name: key }) => {
    const one = key ? record.metrics[key] : said[name];
    const fits = kind === 'text' ? /^[\w.-]{1,128}$/.test(one) && typeof one === 'string' : typeof one === 'number';
    return fits ? `${label}: ${one} ${unit} ` : '';
  });
  return fromText(`REPORT ${written.join('')}`);
}

// Whether INIT is in the bill, and what it added, in ms.
function initOf({ duration_ms: duration, init_ms: init, billed_ms: billed }) {
  if (init === undefined) return {};
  const ns = (ms) => BigInt(Math.round(ms * NS));
  const ceiling = (value) => (value + 999_999n) / 1_000_000n;
  const may = (value) => ceiling(value - 10_000n) <= BigInt(billed) && BigInt(billed) <= ceiling(value + 10_000n);
  const [withInit, without] = [may(ns(duration) + ns(init)), may(ns(duration))];
  if (withInit === without) return {};
  const added = withInit ? Math.max(billed - Number(ceiling(ns(duration))), 0) : 0;
  return { init_billed: Number(withInit), init_added_ms: added };
}

// What a message holds: no record, one, or several where line breaks were lost.
function* recordsOf({ where, text: raw, event, meter }) {
  const text = raw === undefined ? undefined : clean(raw);
  if (meter) yield { cpu: meter, said: JSON.stringify(meter) };
  const report = readReport(event ?? {});
  if (report) yield { where, report, said: '' };
  else if (event?.type === 'platform.report') {
    for (const one of eventsWithin(JSON.stringify(event), where)) yield { ...one, report: one.report ?? readReport(event, neededOf(one.said)) };
  }
  if (text === undefined) return;
  const starts = startsOf(text);
  const at = text.indexOf(LOG.meter);
  if (at >= 0 && !starts.length) yield { cpu: parsed(text.slice(at)) ?? {}, said: text };
  if (finds('named', text)) yield* eventsWithin(text, where, starts.length);
  const here = within({ ...before(starts.length ? text.slice(0, starts[0]) : ''), ...timeOfEvent(text) }, where);
  for (const [k, start] of starts.entries()) {
    const said = text.slice(start, starts[k + 1]);
    yield { where: here, report: wholeRecord(said) ?? eventsWithin(said.split('platform.report')[0], here).next().value.report ?? wholeRecord(said, neededOf(said)), said };
  }
  for (const ended of text.matchAll(RULES.ended)) yield { ended };
}

const timeOfEvent = (text) => (finds('events_time', text) ? { time: timeOfEpoch(finds('events_time', text)[1]) } : {});

// The events in what is no JSON any more, each figure by its name, as audit/read/figures.py has them; those that lack one are unread.
function* eventsWithin(line, where, areSome) {
  const pieces = line.split('platform.report');
  const isOpen = (text) => text.split('{').length > text.split('}').length;
  const isCut = isOpen(pieces[0]) && isOpen(line);
  const figures = pieces.map((piece) => Object.fromEntries([...(isCut ? '' : piece).matchAll(RULES.figure)].reverse()
    .map(([, name, value]) => [JSON_NAMES[name.replaceAll('_', '').toLowerCase()], Number(value)])));
  const isBefore = 'billedDurationMs' in figures[0];
  for (let k = 0; k < (pieces.length - 1 || 1); k += 1) {
    const n = isBefore || !pieces[1] ? k : k + 1;
    const record = { requestId: finds('request', pieces[n])?.[1] ?? 'unknown', metrics: figures[n] };
    const report = readReport({ type: 'platform.report', record });
    if (report || !areSome) yield { where: within({ time: timeOf(pieces[k]) }, where), report, said: line };
  }
}

// The messages of a part of a text: a document, a line that holds one behind its time, or a line.
function* partsOf(part, where = { time: '', name: '' }, depth = 0) {
  if (typeof part !== 'string') return yield* messagesOf(part, where, depth);
  if (!worth(part)) return undefined;
  const brace = finds('json_begin', part);
  const at = brace ? brace[0].length - brace[1].length : -1;
  const isFirst = at >= 0 && at < (finds('start', part)?.index ?? Infinity);
  let end = isFirst ? jsonEnd(part, at) : -1;
  let value = end < 0 ? null : parsed(part.slice(at, end)) ?? printed(part.slice(at, end).replaceAll('\t', '\\t'));
  if (value === null && isFirst) [value, end] = [printed(part.slice(at)), part.length];
  if (value !== null) {
    yield* messagesOf(value, within(before(part.slice(0, at)), where), depth);
    return yield* partsOf(part.slice(end), where, depth);
  }
  const packed = finds('start', part) ? [] : [...part.matchAll(RegExp(`${RULES.packed_text.source}|${RULES.long.source}[\\w+/-]*`, 'g'))];
  if (!packed.length) return yield { where, text: part };
  for (const [text] of packed) {
    const inside = unpacked(text);
    if (inside === null) yield { where, text };
    else yield* messageOf(inside, within(before(part.slice(0, packed[0].index)), where), depth);
  }
  return undefined;
}

// A log's sums, by function and memory, as plain data (see reader.py).
function readLog(text) {
  const log = { functions: new Map(), unread: [], twice: 0, again: 0, concurrent: 0, cut: text.length > MOST_READ };
  const [reports, measured, endings, byRequest, seen] = [[], [], [], new Map(), new Map()];
  for (const part of documentsOf(wholeWords(text.slice(0, MOST_READ).replace(/^\ufeff/, '').replaceAll('\0', '\n').replace(/\n(?=\t1\d{12}\r?(?:\n|$))/g, '')))) {
    for (const message of partsOf(part)) {
      for (const { where, report, cpu, ended, said } of recordsOf(message)) {
        if (ended) endings.push(ended);
        else if (cpu && cpu.concurrent) log.concurrent += 1;
        else if (cpu && isLength(cpu.cpu_ms) && isLength(cpu.wall_ms)) takeMeter(cpu, measured, byRequest);
        else if (!report) log.unread.push(said.trim().slice(0, 300));
        else if (isNew(report, where.time, seen, log)) reports.push({ name: where.name, report, at: secondsOf(where.time) });
      }
    }
  }
  for (const one of endings) takeEnding(one, reports);
  nameReports(reports, measured, byRequest);
  const of = (name) => {
    if (!log.functions.has(name)) log.functions.set(name, { name, sizes: new Map(), cpu: new Map() });
    return log.functions.get(name);
  };
  for (const { name, report, at } of reports) addReport(of(name || LOG.says.unnamed), report, at);
  for (const cpu of measured) {
    const owner = log.functions.get(cpu.function) ?? log.functions.get(LOG.says.unnamed);
    if (owner) addCpu(owner, cpu);
  }
  const listed = (sums) => [...sums].map(([memory, one]) => ({ ...one, memory_mb: memory }));
  const functions = [...log.functions.values()].map(({ name, sizes, cpu }) =>
    ({ name, sizes: listed(sizes), cpu: listed(cpu) }));
  return { ...log, functions, other: !functions[0] || OTHER.test(text) };
}

// Of several measurements of a request the longest is the request's.
function takeMeter(cpu, measured, byRequest) {
  const before = cpu[ID] && byRequest.get(cpu[ID]);
  if (before === undefined || !cpu[ID]) measured.push(cpu);
  else if (cpu.wall_ms > before.wall_ms) measured[measured.indexOf(before)] = cpu;
  else return;
  if (cpu[ID]) byRequest.set(cpu[ID], cpu);
}

// How a request ended, where a line of its own says it and its record does not.
function takeEnding([, id, late, killed], reports) {
  const { report } = reports.find(({ report: one }) => one[ID] === id && !one.status) ?? {};
  if (report) [report.status, report.error_type] = [LOG.stopped[late ? 0 : 1], killed && LOG.killed];
}

const secondsOf = (time) => (time ? Date.parse(`${time}Z`) / 1000 : 0);

// The same event twice counts once, by the rules of audit/sums/once.py; a call that was tried again counts again.
function isNew(report, time, seen, log) {
  const one = { figures: [report.duration_ms, report.billed_ms, report.memory_mb].join(), at: secondsOf(time) };
  const isRound = report.duration_ms % 1000 === 0;
  if (report[ID] === 'unknown' || (!one.at && isRound)) return true;
  const before = seen.get(report[ID]) ?? [];
  const isCopy = before.some(({ figures, at }) => figures === one.figures
    && (Math.abs(at - one.at) < 60 || (!isRound && (!at || !one.at || (Math.abs(at - one.at) <= 50_400 && (at - one.at) % 900 === 0)))));
  if (isCopy) log.twice += 1;
  else log.again += Math.sign(before.length);
  if (!isCopy) seen.set(report[ID], [...before, one]);
  return !isCopy;
}

// A record without a name is of the function that was measured for its request; or of the only one
// that was measured, if all others without a name are of calls that were stopped.
function nameReports(reports, measured, byRequest) {
  for (const one of reports) one.name ||= byRequest.get(one.report[ID])?.function ?? '';
  const names = new Set(measured.map((cpu) => cpu.function).filter((name) => typeof name === 'string' && name));
  const rest = reports.filter((one) => !one.name);
  if (names.size === 1 && rest.every(({ report }) => LOG.stopped.includes(report.status))) for (const one of rest) [one.name] = names;
}

// Of its size the first and the last moment are kept: 0 where a record has none.
function addReport({ sizes }, r, at) {
  const cold = r.init_ms !== undefined || r.restore_ms !== undefined ? 1 : 0;
  addRecord(sizes, r.memory_mb, { ...r, ...initOf(r), cold });
  const size = sizes.get(r.memory_mb);
  size.first = Math.min(size.first ?? at, at);
  size.last = Math.max(size.last ?? 0, at);
}

function addCpu({ cpu }, { memory_mb: mb, cpu_ms, wall_ms }) {
  addRecord(cpu, Number.isInteger(mb) ? mb : 0, { cpu_ms, wall_ms });
}

// What a record adds to the sums of its memory, by the audit's table of them.
function addRecord(bySize, memory, record) {
  if (!bySize.has(memory)) bySize.set(memory, zeros(LOG.sums.map(({ name }) => name)));
  const sums = bySize.get(memory);
  for (const { name, of, when, adds } of LOG.sums) {
    if (when && !when[1].includes(record[when[0]])) continue;
    const ms = of?.endsWith('_ns') && record[of.replace('_ns', '_ms')];
    const more = of ? (ms ? Math.round(ms * NS) : record[of]) ?? 0 : 1;
    sums[name] = adds === 'most' ? Math.max(sums[name], more) : sums[name] + more;
  }
}

// What a function cost, and for what, by the traced model; `main` is the size that it has now.
function findingOf({ name, sizes, cpu }) {
  const sums = { calls: 0, busy_ns: 0, cpu_total_ns: 0 };
  const add = (more) => Object.entries(more).forEach(([key, value]) => { sums[key] = (sums[key] ?? 0) + value; });
  const each = sizes.map((size) => ({ ...size, ...sizeFigures(size) }));
  const main = mainOf(each);
  for (const { memory_mb: _, ...added } of each) add(added);
  const measured = { calls: 0, cpu_total_ns: 0, wall_total_ns: 0 };
  for (const { memory_mb: memory, invocations: calls, cpu_total_ns, wall_total_ns } of cpu) {
    const memory_mb = memory || main.memory_mb;
    const one = { calls, cpu_total_ns, wall_total_ns };
    add({ ...one, ...busyFigures({ memory_mb, ...one }) });
    if (memory_mb === main.memory_mb) for (const key in one) measured[key] += one[key];
  }
  return { name, main, measured: measured.calls ? measured : sums, ...sums, billed_ms: sums.billed_total_ms, ...logFigures(sums, PRICES) };
}

// Of the sizes that a function has now that with the most paid for, by the rules of audit/sums/functions.py.
function mainOf(sizes) {
  const greatest = (some, one, other) => some.reduce((a, b) => ((b[one] - a[one] || b[other] - a[other]) > 0 ? b : a));
  const newest = greatest(sizes, 'last', 'first');
  const isGone = ({ first, last }) => (first < newest.first && last < newest.first + 900) || last < newest.last - 86_400;
  return greatest(sizes.every(({ first }) => first) ? sizes.filter((size) => !isGone(size)) : sizes, 'mb_ms', 'memory_mb');
}

// What a log says of a function as it is now, by the names of a page's fields: lines are no month, and
// what they do not say is unknown. Where no CPU was measured, all is wait that may be work.
function factsOf({ main, measured }) {
  const { memory_mb, peak_used_mb: peak, invocations, cold_starts: cold, billed_total_ms: billed } = main;
  const toTenths = (value) => Math.round(value * 10) / 10; // no log means more
  const beside = main.init_billed_ms + main.restore_billed_ms;
  const known = measured.calls > 0 && measured.wall_total_ns > 0;
  const busy_ns = known && busyFigures({ memory_mb, ...measured }).busy_ns;
  const [cpu, busy] = [measured.cpu_total_ns, busy_ns].map((ns) => (known ? ns / measured.calls / NS : 0));
  return { requests_per_month: 0, memory_mb, peak_memory_mb: peak, receive_ms: toTenths(cpu), retrieve_ms: 0, prompt_ms: 0, call_ms: 0,
    generate_ms: toTenths((billed - beside) / invocations - busy), output_tokens: 0, cpu_ms_per_output_token: 0, unsplit: known ? 0 : 1,
    init_ms: cold ? toTenths(beside / cold) : 0, cold_start_share: toTenths((cold / invocations) * 1e3) / 1e3, longest_ms: 0,
    out_of_memory: main.out_of_memory > 0 || peak > memory_mb ? 1 : 0, times_out: main.timeouts > 0 ? 1 : 0,
    ...Object.fromEntries(LOG.unsaid.map((name) => [name, null])) };
}

// What each function of a log cost, the dearest first; or what one function of it did.
const findingsOf = (log) => (log.functions ? log.functions.map(findingOf).sort((a, b) => b.usd - a.usd) : findingOf(log));
