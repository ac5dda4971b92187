// The reader of a pasted log: REPORT lines in; out, what they cost and for what. It needs no page.

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

// A log's sums, by function and memory, as plain data (see reader.py).
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
  const listed = (sums) => [...sums].map(([memory, one]) => ({ ...one, memory_mb: memory }));
  const functions = [...log.functions.values()].map(({ name, sizes, cpu }) =>
    ({ name, sizes: listed(sizes), cpu: listed(cpu) }));
  return { ...log, functions };
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
function findingOf({ name, sizes, cpu }) {
  const sums = { calls: 0, busy_ns: 0, cpu_total_ns: 0 };
  const add = (more) => Object.entries(more).forEach(([key, value]) => { sums[key] = (sums[key] ?? 0) + value; });
  let main = { mb_ms: -1 };
  for (const size of sizes.values()) {
    const { memory_mb: _, ...added } = size;
    const figures = sizeFigures(size);
    if (figures.mb_ms > main.mb_ms) main = { ...size, ...figures };
    add({ ...added, ...figures });
  }
  for (const [memory, { invocations: calls, cpu_total_ns, wall_total_ns }] of cpu) {
    const memory_mb = memory || main.memory_mb;
    const measured = { calls, cpu_total_ns, wall_total_ns };
    add({ ...measured, ...busyFigures({ memory_mb, ...measured }) });
  }
  return { name, main, ...sums, ...logFigures(sums, PRICES) };
}

// What each function of a log cost, the dearest first.
function findingsOf(log) {
  const byMemory = (sums) => new Map(sums.map((one) => [one.memory_mb, one]));
  return log.functions
    .map(({ name, sizes, cpu }) => findingOf({ name, sizes: byMemory(sizes), cpu: byMemory(cpu) }))
    .sort((a, b) => b.usd - a.usd);
}
