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

// What INIT added to the bill, in ms, by the line's own figures.
function initBilled({ duration_ms: duration, init_ms: init, billed_ms: billed }) {
  if (init === undefined) return 0;
  const ns = (ms) => BigInt(Math.round(ms * NS));
  const ceiling = (value) => (value + 999_999n) / 1_000_000n;
  const may = (value) => ceiling(value - 10_000n) <= BigInt(billed) && BigInt(billed) <= ceiling(value + 10_000n);
  const [withInit, without] = [may(ns(duration) + ns(init)), may(ns(duration))];
  return withInit && !without ? Math.max(billed - Number(ceiling(ns(duration))), 0) : 0;
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
  const size = sizes.get(r.memory_mb) ?? zeros(LOG.size_sums);
  sizes.set(r.memory_mb, size);
  size.memory_mb = r.memory_mb;
  const failed = LOG.failed.includes(r.status);
  size.invocations += 1;
  size.billed_ms += r.billed_ms;
  size.duration_ns += Math.round(r.duration_ms * NS);
  size.init_ms += initBilled(r) + (r.billed_restore_ms ?? 0);
  size.cold_starts += r.init_ms !== undefined || r.restore_ms !== undefined ? 1 : 0;
  size.timeouts += r.status === 'timeout' ? 1 : 0;
  size.timeout_ms += r.status === 'timeout' ? r.billed_ms : 0;
  size.failures += failed ? 1 : 0;
  size.failure_ms += failed ? r.billed_ms : 0;
  size.peak_used_mb = Math.max(size.peak_used_mb, r.max_memory_used_mb);
}

function addCpu({ cpu }, { memory_mb: mb, cpu_ms: busy, wall_ms: wall }) {
  const memory = Number.isInteger(mb) ? mb : 0;
  const sums = cpu.get(memory) ?? zeros(['calls', 'cpu_ns', 'wall_ns']);
  cpu.set(memory, sums);
  sums.calls += 1;
  sums.cpu_ns += Math.round(busy * NS);
  sums.wall_ns += Math.round(wall * NS);
}

// What a function cost, and for what, by the traced model.
function findingsOf({ name, sizes, cpu }) {
  const sums = zeros(LOG.sums);
  const add = (more) => Object.keys(more).forEach((key) => key in sums && (sums[key] += more[key]));
  for (const size of sizes.values()) {
    add(size);
    add(sizeFigures(size));
  }
  const main = [...sizes.values()].sort((a, b) => b.memory_mb * b.billed_ms - a.memory_mb * a.billed_ms)[0];
  for (const [memory, measured] of cpu) {
    add(measured);
    add(busyFigures({ ...measured, memory_mb: memory || main.memory_mb }));
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
