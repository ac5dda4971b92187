// Your log: REPORT lines in; out, what they cost and for what.

const LOG_PATTERNS = Object.fromEntries(LOG.fields.map(({ name, pattern }) => [name, new RegExp(pattern)]));
const LOG_START = new RegExp(LOG.start, 'g');
const JSON_LINE = new RegExp(LOG.json_line, 'd');
const JSON_REPORT = new RegExp(LOG.json_report);
const STREAM_NAME = new RegExp(LOG.stream_function);
const MOST_READ = 5_000_000; // characters: more belongs to the command line
const NS = 1e6; // nanoseconds in a millisecond: lengths are whole numbers of them, so exact

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
const zeros = (names) => Object.fromEntries(names.map((name) => [name, 0]));
const isLength = (value) => typeof value === 'number' && value >= 0 && value <= LOG.most_ms;

// The fields of one record, or null, by the rules of report.py.
function readReport(text) {
  const values = text.trimStart().startsWith('{') ? fromJson(parsed(text)) : fromText(text);
  if (!values || LOG.required.some((name) => values[name] === undefined)) return null;
  const lengths = [values.duration_ms, values.billed_ms, values.init_ms ?? 0, values.billed_restore_ms ?? 0];
  const sized = values.memory_mb > 0 && Math.max(values.memory_mb, values.max_memory_used_mb) <= LOG.most_mb;
  return sized && Math.max(...lengths) <= LOG.most_ms ? values : null;
}

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
  const written = LOG.fields.map(({ name, kind, label, unit, json_name: key }) => {
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

// A line holds no record, one, or several where line breaks were lost.
function* recordsOf(line) {
  const meter = line.indexOf(LOG.meter);
  if (meter >= 0) return yield { cpu: parsed(line.slice(meter)) ?? {} };
  const starts = [...line.matchAll(LOG_START)].map(({ index }) => index);
  const brace = JSON_LINE.exec(line)?.indices[1][0] ?? -1;
  const isJson = brace >= 0 && !(starts.length && starts[0] < brace);
  if (isJson && JSON_REPORT.test(line)) return yield { text: line.slice(brace) };
  if (isJson && parsed(line.slice(brace)) !== null) return undefined;
  for (let k = 0; k < starts.length; k += 1) yield { text: line.slice(starts[k], starts[k + 1]) };
  return undefined;
}

// A log's sums, by function and memory.
function readLog(text) {
  const log = { functions: new Map(), unread: [], concurrent: 0, cut: text.length > MOST_READ };
  const meters = new Set();
  const reports = [];
  const measured = [];
  for (const line of text.slice(0, MOST_READ).split('\n')) {
    for (const { text: record, cpu } of recordsOf(line)) {
      const report = record && readReport(record);
      if (cpu && cpu.concurrent) log.concurrent += 1;
      else if (cpu && isLength(cpu.cpu_ms) && isLength(cpu.wall_ms)) {
        if (typeof cpu.function === 'string' && cpu.function) meters.add(cpu.function);
        measured.push(cpu);
      } else if (report) reports.push({ name: STREAM_NAME.exec(line)?.[1], report });
      else log.unread.push((record ?? line).trim().slice(0, 300));
    }
  }
  const only = meters.size === 1 ? [...meters][0] : LOG.says.unnamed;
  const of = (name) => {
    if (!log.functions.has(name)) log.functions.set(name, { name, sizes: new Map(), cpu: new Map() });
    return log.functions.get(name);
  };
  for (const { name, report } of reports) addReport(of(name ?? only), report);
  for (const cpu of measured) {
    const owner = log.functions.get(cpu.function) ?? log.functions.get(only);
    if (owner) addCpu(owner, cpu);
  }
  return log;
}

function addReport({ sizes }, r) {
  const cold = r.init_ms !== undefined || r.restore_ms !== undefined ? 1 : 0;
  addRecord(sizes, r.memory_mb, { ...r, ...initOf(r), cold });
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
    const ms = of.endsWith('_ns') && record[of.replace('_ns', '_ms')];
    const more = of ? (ms ? Math.round(ms * NS) : record[of]) ?? 0 : 1;
    sums[name] = adds === 'most' ? Math.max(sums[name], more) : sums[name] + more;
  }
}

// What a function cost, and for what, by the traced model.
function findingsOf({ name, sizes, cpu }) {
  const sums = { calls: 0, busy_ns: 0 };
  const add = (more) => Object.entries(more).forEach(([key, value]) => { sums[key] = (sums[key] ?? 0) + value; });
  let main = { mb_ms: -1 };
  for (const [memory_mb, size] of sizes) {
    const figures = sizeFigures({ ...size, memory_mb });
    if (figures.mb_ms > main.mb_ms) main = { memory_mb, mb_ms: figures.mb_ms };
    add({ ...size, ...figures });
  }
  for (const [memory, { invocations: calls, cpu_total_ns, wall_total_ns }] of cpu) {
    const memory_mb = memory || main.memory_mb;
    add({ calls, wall_total_ns, ...busyFigures({ memory_mb, cpu_total_ns, wall_total_ns }) });
  }
  return { name, main, ...sums, ...logFigures(sums, PRICES) };
}

function paste(host, store) {
  const box = node('textarea', { class: 'st-log', rows: 7, spellcheck: 'false', 'aria-label': 'Lines of your log' });
  const out = node('div', { class: 'st-read', 'aria-live': 'polite' });
  let timer = 0;
  const read = () => out.replaceChildren(...(box.value.trim() ? told(readLog(box.value), store) : []));
  const put = (text) => {
    box.value = text;
    read();
  };
  box.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(read, 250);
  });
  host.replaceChildren(node('figure', { class: 'st st-paste' },
    box,
    node('div', { class: 'st-controls' },
      button('Load a sample', () => put(LOG.sample)), button('Clear', () => put(''))),
    out,
    node('figcaption', {}, CAPTIONS.paste)));
  return { stop: () => clearTimeout(timer) };
}

function told(log, store) {
  const found = [...log.functions.values()].map(findingsOf).sort((a, b) => b.usd - a.usd);
  const say = (key, text) => node('p', {}, fill(LOG.says[key], () => text));
  return [
    ...found.map((one) => toldOfOne(one, store)),
    ...(found.length ? [] : [say('none')]),
    ...(log.unread.length ? [say('unread', log.unread.length)] : []),
    ...log.unread.slice(0, 3).map((text) => node('pre', {}, text)),
    ...(log.concurrent ? [say('concurrent', log.concurrent)] : []),
    ...(log.cut ? [say('cut', MOST_READ)] : []),
  ];
}

function toldOfOne(f, store) {
  const known = f.calls > 0;
  const big = (text, what, concept) => {
    const number = bigNumber(what, concept);
    number.show(text);
    return number.box;
  };
  const climb = button(LOG.says[known ? 'climb' : 'climb_unknown'], () => {
    const [memory, busy] = [f.main.memory_mb, known ? f.busy_ms : 0];
    store.set({ requests_per_month: f.invocations, memory_mb: memory, measured_at_mb: memory, receive_ms: busy,
      retrieve_ms: 0, prompt_ms: 0, call_ms: 0, cpu_ms_per_output_token: 0, generate_ms: f.mean_ms - busy });
  });
  return node('section', {},
    node('p', { class: 'st-row-title' }, f.name),
    node('div', { class: 'st-numbers' },
      big(show(f.usd, 'usd'), 'for these lines'),
      big(known ? show(f.waiting_share, 'percent') : 'unknown', 'of the time waiting', 'st-word-waiting'),
      ...(known ? [big(show(f.waiting_usd, 'usd'), 'for waiting', 'st-word-waiting')] : [])),
    ...LOG.lines.filter(([when]) => f[when] > 0).map(([, text]) => node('p', {}, fill(text, (name) => f[name]))),
    climb);
}
