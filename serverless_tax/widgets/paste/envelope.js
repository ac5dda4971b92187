// What carries a log, taken off it: the rules of audit/read, for a text that is pasted as a whole.

const RULES = Object.fromEntries(Object.entries(LOG.rules).map(([name, rule]) => [name, new RegExp(rule.replace(/~\d/g, (one) => LOG.parts[one[1]]), 'g')]));
const MONTHS = LOG.parts[2].split('|');
const fits = (rule, text) => new RegExp(`^(?:${RULES[rule].source})$`).exec(text);
const finds = (rule, text) => new RegExp(RULES[rule].source).exec(text);
// oxlint-disable-next-line no-control-regex -- Hive parts columns by them
const WIDE = /[\x01\x1f\ufffd\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const ENTITIES = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"' };
const WRITTEN = [...LOG.fields.map(({ label }) => label), 'REPORT', 'ms', 'MB'];
const worth = (text) => [...LOG.words, ...LOG.worth].some((word) => text.includes(word)) || finds('long', text);
const startsWith = (rule, text, at) => {
  const found = new RegExp(RULES[rule].source, 'y');
  found.lastIndex = at;
  return found.exec(text);
};
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

// A line with plain signs, and without what colours it.
function clean(line) {
  if (!['odd', 'recased', 'encoded', 'unlabelled'].some((rule) => finds(rule, line))) return line;
  const code = (_, hex, x) => String.fromCharCode(parseInt(hex ?? x, 16));
  let text = line.replace(RULES.escaped, code).replace(RULES.colour, '').replace(WIDE, ' ').replace(/[\u200b-\u200f\u2060\ufeff\u00ad\u00c2]/g, '')
    .replace(/[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g, '-').replace(/[\u201c-\u201e]/g, '"').replace(/\uff1a/g, ':')
    .replace(RULES.tab, '\t').replace(RULES.break, ' ').replaceAll('\\"', '"');
  if (finds('encoded', text)) text = text.replaceAll('+', ' ').replace(RULES.percent, code);
  text = text.replace(/&(nbsp|amp|lt|gt|quot);/g, (_, name) => ENTITIES[name])
    .replace(/&#(x?)([0-9a-f]{1,5});/gi, (_, hex, code) => String.fromCharCode(parseInt(code, hex ? 16 : 10))).replace(WIDE, ' ');
  text = text.replace(RULES.tag, '').replace(RULES.unlabelled, 'REPORT RequestId: ');
  return finds('recased', text) ? asWritten(text) : text;
}

const asWritten = (text) => text.replace(new RegExp(RULES.any_case, 'gi'), (one) => WRITTEN.find((word) => word.toLowerCase() === one.toLowerCase()));

// A record from where it begins, with its labels in any order, as one set of patterns reads it.
function inOrder(written) {
  const text = asWritten(written);
  const labels = [...text.matchAll(RULES.labelled)];
  const comma = finds('decimal_comma', text);
  const said = {};
  for (const [k, label] of labels.entries()) {
    const value = plainNumber(text.slice(label.index + label[0].length, labels[k + 1]?.index).replace(RULES.around, ''), comma);
    if ((said[label[1]] ??= value) !== value) return '';
  }
  said.RequestId = (said.RequestId ?? '').replace(/[^0-9A-Za-z-]/g, '').slice(0, 64) || 'unknown';
  return `REPORT ${LOG.fields.filter(({ label }) => label in said).map(({ label }) => `${label}: ${said[label]}`).join(' ')}`;
}

// A figure without what groups its thousands; its point may be a comma.
const plainNumber = (text, comma) => (comma ? text.replace(RULES.points, '').replace(',', '.') : text.replace(RULES.thousands, ''));
const wholeRecord = (text, fields) => (finds('separated', text) ? null : readReport(text, fields)) ?? readReport(inOrder(text), fields) ?? readReport(text, fields);
const startsOf = (line) => [...line.matchAll(RULES.start)].map(({ index }) => index);

// A word that names a record and was cut by a line break, whole before it.
const wholeWords = (text) => text.replace(RULES.cut_word, (cut) => `${cut.replace(/\s/g, '')}\n`);

// Lines that are clean, and whole where one was broken in several.
function* tidied(lines) {
  for (let at = 0; at < lines.length; at += 1) {
    const [line, more] = unwrapped(lines[at], lines.slice(at + 1, at + 31));
    yield line;
    at += more;
  }
}

function unwrapped(raw, behind) {
  if (fits('with_json', raw) || finds('packed_text', raw)) return [raw, 0]; // whose signs are their own
  const at = finds('json_begun', raw)?.index ?? -1;
  let json = raw;
  for (let k = 0; at >= 0 && k < behind.length; k += 1) {
    json += behind[k].replace(/^[>|\u2502]+ ?/, '');
    const whole = json.replace(/[\s,;\]]+$/, '');
    if (whole.endsWith('}') && parsed(whole.slice(at))) return [whole, k + 1];
  }
  const line = clean(raw);
  const [words] = finds('begun', line) ?? [];
  const begun = words && !finds('start', words);
  const number = startsOf(line).length - (begun ? 0 : 1);
  if (number < 0) return [line, 0];
  const isRecord = (text) => startsOf(text).slice(number, number + 1).some((begin) => wholeRecord(text.slice(begin)));
  const [rest, most] = goesOn(behind.slice(0, 10));
  const fold = (one) => (/[\\=]\s*$/.test(one) ? one.trimEnd().slice(0, -1) : one);
  if (isRecord(line)) return withMore(line, rest, 0, most);
  const pieces = [clean(fold(raw)).replace(/[\r\n]+$/, '')];
  let asItStands = raw;
  for (const [k, one] of rest.entries()) {
    pieces.push(clean(fold(one).replace(finds('margin', one)[0], '')));
    asItStands += one;
    for (let bits = k < 5 ? 0 : 2 ** (k + 1); bits <= 2 ** (k + 1); bits += 1) {
      const text = bits === 2 ** (k + 1) ? clean(asItStands) : pieces.reduce((all, piece, n) => ((bits >> (n - 1)) & 1 ? all + piece : `${all.trimEnd()} ${piece.trimStart()}`));
      if (isRecord(text)) return withMore(text, rest, k + 1, most);
    }
  }
  const joined = begun && rest.length ? [line + rest[0], `${line.trimEnd()} ${rest[0].trimStart()}`] : [];
  const unread = joined.find((one) => startsOf(one).length > number); // one that began
  return unread ? [unread, Math.min(1, most)] : [line, 0];
}

const endsWithin = (line) => startsOf(clean(line)).slice(-1).some((begin) => !wholeRecord(clean(line).slice(begin)));

// What may go on with a record, and how many lines of it are whole: of one in which the next begins, what stands before that.
function goesOn(following) {
  const rest = [];
  for (const one of following) {
    if (startsWith('next', one, 0) && !finds('more', one.slice(0, 40))) break;
    const begins = finds('start', clean(one)) ?? finds('begun', one);
    if (begins) return [begins.index ? [...rest, begins.input.slice(0, begins.index)] : rest, rest.length];
    rest.push(one);
  }
  return [rest, rest.length];
}

function withMore(begun, rest, count, most) {
  let [text, used] = [begun, count];
  for (; used < rest.length; used += 1) {
    const piece = clean(rest[used].replace(finds('margin', rest[used])[0], ''));
    const cut = finds('tail', text.trimEnd())?.[1];
    const begins = (one) => finds('more', one)?.index === 0;
    if (begins(piece) || (cut && begins(`${cut} ${piece}`))) text = `${text.trimEnd()} ${piece}`;
    else if (cut && begins(cut + piece)) text = text.trimEnd() + piece;
    else break;
  }
  return [text, Math.min(used, most)];
}

// When a message was written, in UTC, and by which function.
function timeOf(text) {
  const last = (rule) => [...text.matchAll(RULES[rule])].at(-1);
  let [, year, , month, day, clock, offset] = last('iso') ?? [];
  if (!year) {
    const [, named, named_day, first, later, ...more] = last('day_first') ?? [];
    if (!more.length) return timeOfEpoch(last('epoch')?.[1]);
    const name = named ?? later;
    month = MONTHS.includes(name) ? String(MONTHS.indexOf(name) + 1).padStart(2, '0') : name;
    [year, clock, offset] = more;
    day = (named_day ?? first).padStart(2, '0');
  }
  const said = `${year}-${month}-${day}T${clock}`;
  if (!offset || /^(?:Z|UTC|GMT)$|00:?00$/.test(offset)) return said;
  const [, sign, hours, rest = 0] = /([+-])(..?):?(..)?$/.exec(offset) ?? ['', '+', LOG.zones[offset]];
  const ms = Date.parse(`${said}Z`) - `${sign}1` * (hours * 60 + Number(rest)) * 60_000;
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString().slice(0, 19);
}

function timeOfEpoch(value) {
  let seconds = Number(value ?? NaN);
  for (let k = 0; k < 3 && seconds >= 1e10; k += 1) seconds /= 1000;
  return seconds >= 1e9 && seconds < 1e10 ? new Date(Math.floor(seconds) * 1000).toISOString().slice(0, 19) : '';
}

const timeOfValue = (value) => (typeof value === 'string' && !/^\d+\.?\d*$/.test(value) ? timeOf(value) : timeOfEpoch(typeof value === 'boolean' ? NaN : value));
const ofGroup = (group) => group.replace(/^\/aws\/lambda\//, '');
const within = (inner, outer) => ({ time: inner.time || outer.time, name: inner.name || outer.name });

function before(head) {
  const name = finds('stream', head)?.[1]
    || ['group_in_text', 'group_before_stream', 'said_in_text'].map((rule) => finds(rule, head)?.[1]).find(Boolean) || '';
  return { time: timeOf(head), name: ofGroup(name) };
}

function nameOf(value) {
  if (typeof value !== 'string') return '';
  const group = (value.split(':log-group:')[1] ?? value).replace(/^[0-9]{12}:/, '').replace(/:\*$/, '');
  const name = fits('function_arn', value)?.[3] ?? ofGroup(group);
  return fits('is_name', name) ? name : '';
}

function around(values) {
  const said = new Map();
  const known = { group_value: '', function_arn: '' };
  for (const [key, value] of scalars(values, 0)) {
    const plain = key.toLowerCase().replace(/[^0-9a-z]/g, '');
    for (const [rule, k] of typeof value === 'string' ? [['group_value', 4], ['function_arn', 3]] : []) known[rule] ||= fits(rule, value)?.[k] ?? '';
    if (!said.has(plain)) said.set(plain, value);
  }
  const ending = (keys, read) => [...said].filter(([key]) => keys.some((one) => key.endsWith(one)))
    .map(([, value]) => read(value)).find(Boolean) ?? '';
  const first = (keys, read) => keys.filter((key) => said.has(key)).map((key) => read(said.get(key))).find(Boolean) ?? '';
  const name = ending(LOG.streams, (value) => finds('stream', String(value))?.[1])
    || first(LOG.functions, nameOf) || ending(LOG.groups, nameOf) || known.group_value || known.function_arn
    || fits('lambda_source', String(said.get('source') ?? ''))?.[1] || (LOG.datadog_columns.every((one) => said.has(one)) ? nameOf(said.get('service')) : '');
  return { time: first(LOG.times, timeOfValue), name };
}

function* scalars(values, depth) {
  const inner = [];
  for (const [key, value] of Object.entries(values)) {
    const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (typeof one === 'string' || typeof one === 'number') {
      yield [key, one];
      if (typeof one === 'string' && (key === 'ddtags' || key === 'tags')) inner.push(tags(one.split(',')));
      else if (['labels', 'attributes'].includes(key) && isObject(parsed(one))) inner.push(parsed(one));
    } else if (Array.isArray(value)) inner.push(pairs(value) ?? tags(value));
    else if (isObject(value)) inner.push(key === 'faas' ? { 'faas.name': value.name, ...value } : value);
  }
  if (depth < 3) for (const one of inner) yield* scalars(one, depth + 1);
}

function tags(values) {
  const said = values.filter((one) => typeof one === 'string' && one.slice(0, 64).includes(':'));
  return Object.fromEntries(said.map((one) => [one.split(':')[0].trim(), one.slice(one.indexOf(':') + 1).trim()]));
}

// A list of keys and values, or of fields and values, as an object.
function pairs(values) {
  const found = {};
  for (const one of values) {
    const key = isObject(one) && 'value' in one && ['key', 'field', 'name'].map((name) => one[name]).find((name) => typeof name === 'string');
    if (!key) return null;
    found[key] = anyValue(one.value);
  }
  return values.length ? found : null;
}

function anyValue(value) {
  if (!isObject(value) || Object.keys(value).length !== 1) return value;
  const [[name, inner]] = Object.entries(value);
  const kind = name.replace('_v', 'V');
  const values = Array.isArray(inner?.values) ? inner.values : [];
  if (kind === 'kvlistValue') return pairs(values) ?? inner;
  if (kind === 'arrayValue') return values.map(anyValue);
  if (kind === 'intValue') return Number(inner);
  return ['stringValue', 'doubleValue', 'boolValue', 'bytesValue'].includes(kind) ? inner : value;
}

// The messages of a document, with what is said around each.
function* messagesOf(value, where, depth = 0) {
  if (depth > 64) return;
  if (typeof value === 'string') yield* messageOf(value, where, depth);
  else if (Array.isArray(value)) yield* messagesOfList(value, where, depth);
  else if (isObject(value)) yield* objectOf(value, where, depth);
}

function* messageOf(text, where, depth) {
  if (fits('event_name', text)) return;
  const said = (startsWith('packed', text, 0) ? unpacked(text) : null) ?? text;
  if (![...LOG.words, ...LOG.worth.slice(0, 5)].some((word) => said.includes(word)) && !finds('long', said)) return;
  const inner = parsed(said);
  if (isObject(inner) || Array.isArray(inner)) yield* messagesOf(inner, where, depth + 1);
  else for (const part of documentsOf(said)) yield* partsOf(part, where, depth + 1);
}

function* messagesOfList(value, outer, depth) {
  const names = new Set(value.filter((one) => one?.type === 'platform.initStart').map((one) => around(one.record ?? {}).name)); // of one environment
  const where = within(outer, { name: names.size === 1 ? [...names][0] : '' });
  if (value.length > 20 && value.every((one) => one >= 0 && one < 256 && Number.isInteger(one))) return yield* messageOf(utf8(value), where, depth + 1);
  const row = pairs(value);
  if (row) return yield* objectOf(row, where, depth + 1);
  const [stamp] = [value[0]].flat();
  if (typeof value[1] === 'string' ? /^\d+$/.test(stamp) : typeof stamp === 'number' && isObject(value[1])) {
    return yield* messagesOf(value.slice(1), within(around({ time: stamp }), where), depth + 1);
  }
  for (const one of value) yield* messagesOf(anyValue(one), where, depth + 1);
  return undefined;
}

function* objectOf(value, outer, depth) {
  const where = within(around(value), outer);
  const isReport = value.type === 'platform.report';
  if ((isReport || String(value.type).startsWith('platform.')) && isObject(value.record)) return yield { where, event: value };
  if (value.metered === 1) return yield { where, meter: value };
  if (value.cpu_total_time) return undefined; // of Lambda Insights
  const rows = tableOf(value);
  if (rows) {
    for (const row of rows) yield* objectOf(row, where, depth + 1);
    return undefined;
  }
  let found = false;
  const texts = Object.values(value).filter((one) => typeof one === 'string' && one.includes('REPORT'));
  for (const inner of Object.values(value)) {
    const begin = texts[1] && texts.includes(inner) ? inner.replace(/[\u2026. ]+$/, '') : '';
    if (begin && texts.some((one) => one.startsWith(begin) && one.trimEnd().length > begin.length)) continue;
    for (const one of messagesOf(anyValue(inner), where, depth + 1)) {
      found = true;
      yield one;
    }
  }
  if (!found && isReport && Object.keys(value)[1]) return yield { where, event: value };
  const row = found ? null : columnsOf(value);
  if (row) yield { where, text: row };
  return undefined;
}

function tableOf(value) {
  let names = ([value.fields, value.schema?.fields ?? value.schema, value.columns, value.meta].find(Array.isArray) ?? []).map((head) => head?.name ?? head);
  const columns = value.columns ?? value.data?.values;
  const isWhole = Array.isArray(columns) && columns.length === names.length && columns.every((one) => one?.length === columns[0]?.length && Array.isArray(one));
  let rows = isWhole ? columns[0].map((_, k) => columns.map((one) => one[k])) : [value.values, value.rows, value.datarows, value.Rows, value.data].find(Array.isArray);
  if (!rows?.length) return null;
  if (isObject(rows[0])) {
    if (!rows.every((row) => Array.isArray(row?.Data))) return null;
    [names, ...rows] = rows.map((row) => row.Data.map((cell) => cell?.VarCharValue ?? ''));
  }
  if (!names.length || !names.every((name) => typeof name === 'string')) return null;
  return rows.filter(Array.isArray).map((row) => Object.fromEntries(names.map((name, k) => [name, row[k] ?? ''])));
}

// A row that has a record's figures in columns, as a REPORT line; one that lacks some is no whole one.
function columnsOf(value) {
  const said = {};
  for (const [key, one] of Object.entries(value)) {
    const name = LOG.columns[key.toLowerCase().replace(RULES.key_signs, '')];
    if (name && one !== '' && one !== null) said[name] ??= one;
  }
  const unreadable = `REPORT RequestId: ${JSON.stringify(value, (_, one) => (one === 'REPORT' ? undefined : one))}`;
  if (!/\d/.test(JSON.stringify(said)) || !('billed_ms' in said || ('duration_ms' in said && 'memory_mb' in said))) return Object.keys(said)[0] && ('...' in value || Object.values(value).includes('REPORT')) ? unreadable : null;
  const figures = {};
  const comma = Object.values(said).some((one) => finds('decimal_comma', String(one)));
  for (const [name, one] of Object.entries(said)) {
    const number = Number(plainNumber(String(one), comma));
    if (name === 'request_id') figures[name] = String(one);
    else if (!(number >= 0 && number < 1e15)) return unreadable;
    else figures[name] = name.endsWith('_mb') && number >= 1e6 ? number / 1e6 : number;
  }
  if (!('billed_ms' in figures && 'memory_mb' in figures)) return unreadable;
  const whole = { request_id: 'unknown', duration_ms: figures.billed_ms, ...figures };
  const written = ({ name, kind, label, unit = '' }) => (name in whole ? `${label}: ${kind === 'whole' ? Math.round(whole[name]) : whole[name]} ${unit} ` : '');
  return `REPORT ${LOG.fields.map(written).join('')}`;
}

// Where JSON that begins at a place ends, or -1.
function jsonEnd(text, at) {
  let depth = 0;
  for (let k = at; k < text.length; k += 1) {
    const sign = text[k];
    if (sign === '"') {
      for (k += 1; k < text.length && text[k] !== '"'; k += 1) {
        if (text[k] === '\\') k += 1;
        else if (text[k] === '\n') return -1;
      }
    } else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') {
      depth -= 1;
      if (!depth) return k + 1;
    }
  }
  return -1;
}

// The documents of a text, rows of its table, and lines that are none of them.
function* documentsOf(text) {
  let lines = [];
  let table = null;
  let row = {};
  let tried = 0;
  const held = function* held() {
    const [kept] = [lines, lines = []];
    yield* tidied(kept);
  };
  for (let at = 0; at < text.length;) {
    let words = startsWith('behind', text, at)?.[0] ?? '';
    if (finds('start', words)) words = '';
    const begin = words ? words.search(/[[{]\s*"?$/) : /\S/.exec(text.slice(at, at + 4096))?.index ?? 0;
    let end = '{['.includes(text[at + begin]) ? jsonEnd(text, at + begin) : -1;
    let value = end < 0 ? null : parsed(text.slice(at + begin, end));
    const most = begin && text[at + begin - 1] !== '\n' ? 4096 : MOST_READ; // what begins within a line is within what was tried
    const [block] = value === null && startsWith('printed_begin', text, at + begin) ? startsWith('block', text.slice(at + begin, at + begin + most), 0) : [''];
    if (worth(block) && (value = printed(block.replace(/[\s,;]+$/, '')))) end = at + begin + block.length;
    const isPlain = Array.isArray(value) && !worth(text.slice(at, end)) && /^[ \t,;]*[^\s,;{[\]}"]/.test(text.slice(end, end + 64));
    const packed = at < tried ? null : startsWith('in_base64', text, at);
    if (packed) tried = at + packed[0].length;
    const inside = packed && unpacked(packed[1]);
    if (inside && worth(inside)) {
      yield* held();
      yield* documentsOf(inside);
      at += packed[0].length;
      continue;
    }
    if (value !== null && !isPlain && !finds('cut_event', lines.at(-1) ?? '')) {
      yield* held();
      yield words ? words.slice(0, begin) + JSON.stringify(value) : value;
      at = end + /^[,;]?[ \t\r]*\n?/.exec(text.slice(end, end + 64))[0].length;
      continue;
    }
    let stop = text.indexOf('\n', at);
    const quoted = startsWith('json_cell', text, at);
    while ((table || quoted) && stop >= 0 && (text.slice(at, stop).split('"').length - 1) % 2) stop = text.indexOf('\n', stop + 1);
    const line = text.slice(at, stop < 0 ? text.length : stop).replace(/\r$/, '');
    at = stop < 0 ? text.length : stop + 1;
    const [, field, cell] = startsWith('result', line, 0) ?? [];
    if (field in row) yield row;
    if (field) row = { ...(field in row ? {} : row), [field]: cell };
    if (field) continue;
    let cells = (table || quoted) && cellsOf(line, table?.sign ?? quoted[1] ?? ',');
    if (quoted && !table) {
      yield* held();
      yield cells;
      continue;
    }
    if (table?.sign === '|') cells = cells.map((cell) => cell.trim());
    if (table?.sign === '  ' && cells.length === table.names.length + 1) cells.shift(); // the row's number
    if (cells?.length === table?.names.length && cells) {
      yield Object.fromEntries(table.names.map((name, k) => [name, cells[k]]));
    } else if (!table && lines.length < 10 && !endsWithin(lines.at(-1) ?? '') && (table = headsOf(line))) continue;
    else lines.push(line);
  }
  yield row;
  yield* yamlOf(lines) ?? held();
}

function headsOf(line) {
  for (const sign of line.length > 1000 ? [] : [',', '\t', ';', '|', '\x01', '\x1f', '  ']) {
    const names = cellsOf(line, sign).map((name) => name.trim());
    const isHead = names.length > 1 && names.every((name) => !name || fits('cell', name));
    if (isHead && names.some((name) => name === '...' || fits('message_cells', name.toLowerCase()))) return { names, sign };
  }
  return null;
}

function cellsOf(row, sign) {
  if (sign === '  ') return row.trim().split(/ {2,}/); // as a program prints a table
  const cells = [''];
  let quoted = false;
  for (let k = 0; k < row.length; k += 1) {
    if (row[k] === '"' && quoted && row[k + 1] === '"') {
      cells[cells.length - 1] += '"';
      k += 1;
    } else if (row[k] === '"' && (quoted || !cells.at(-1))) quoted = !quoted;
    else if (row[k] === sign && !quoted) cells.push('');
    else cells[cells.length - 1] += row[k];
  }
  return cells;
}

// Items of YAML as objects, behind the lines that are in none; or null where lines are no items.
function yamlOf(lines) {
  const [items, others] = [[], []];
  let indent = -1;
  for (const line of lines) {
    const [, space, dashes, first, rest] = /^(\s*)((?:- )+)([@\w.'"-]+):(?!\S) ?(.*)$/.exec(line) ?? [];
    const [, inner, key, value] = /^(\s+)([@\w.'"-]+):(?!\S) ?(.*)$/.exec(line) ?? [];
    if (dashes) {
      indent = space.length + dashes.length;
      items.push({ isNew: dashes.length > 2, said: [[first, rest]] });
    } else if (items.length && inner?.length === indent) items.at(-1).said.push([key, value]);
    else if (items.length && /^\s+\S/.test(line)) {
      const last = items.at(-1).said.at(-1);
      last[1] = last[1].endsWith('\\') ? last[1].slice(0, -1) + line.trim().replace(/^\\/, '') : `${last[1]} ${line.trim()}`;
    } else others.push(line);
  }
  if (!items.length || !items.some(({ said }) => said.some(([, text]) => worth(text)))) return null;
  const plain = (text) => (parsed(text.trim()) ?? text.trim().replace(/^'(.*)'$/, '$1'));
  const values = items.map(({ isNew, said }) => ({ isNew, object: Object.fromEntries(said.map(([key, text], k) => [said.slice(0, k).some(([one]) => one === key) ? `${key} ${k}` : key.replace(/^['"]|['"]$/g, ''), plain(text)])) }));
  if (!values.every(({ object }) => 'field' in object && 'value' in object)) return [...tidied(others), ...values.map(({ object }) => object)];
  const rows = [];
  for (const { isNew, object } of values) (isNew || !rows.length ? rows[rows.push([]) - 1] : rows.at(-1)).push(object);
  return [...tidied(others), ...rows];
}
