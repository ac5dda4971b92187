// Text with a unit, from an address or from a reader's keyboard, to a number in a field's unit.

// [factor, power of ten]: powers of ten go into the number's exponent, so that 4.855s is
// exactly 4855 ms, as Python's Decimal has it.
const MS = { '': [1, 0], ms: [1, 0], s: [1, 3], min: [60, 3], h: [3600, 3] };
const SUFFIXES = {
  ms: MS,
  s: { '': [1, 0], ms: [1, -3], s: [1, 0], min: [60, 0], h: [3600, 0] },
  min: { '': [60, 0], min: [60, 0], s: [1, 0], h: [3600, 0] }, // seconds, shown as minutes
  mb: { '': [1, 0], mb: [1, 0], gb: [1024, 0] },
  count: { '': [1, 0], k: [1, 3], m: [1, 6] },
  percent: { '': [1, 0], '%': [1, -2] },
  usd: { '': [1, 0], usd: [1, 0] },
  switch: { '': [1, 0] },
};

// Units written out.
const LONG = {
  millisecond: 'ms', milliseconds: 'ms', sec: 's', second: 's', seconds: 's',
  minute: 'min', minutes: 'min', hour: 'h', hours: 'h',
};

// The number, or NaN if the text is not one.
function parseQuantity(text, unit) {
  const plain = text.trim().toLowerCase().replace(/^\$/, '').replace(/[,_\s]/g, '');
  const match = /^(-?(?:\d+\.?\d*|\.\d+))(?:e([+-]?\d+))?([a-z%]*)$/.exec(plain);
  const suffix = match && SUFFIXES[unit][LONG[match[3]] ?? match[3]];
  if (!suffix) return NaN;
  return Number(`${match[1]}e${Number(match[2] || 0) + suffix[1]}`) * suffix[0];
}

const fieldNamed = Object.fromEntries(FIELDS.map((field) => [field.name, field]));
const fieldKeyed = Object.fromEntries(FIELDS.map((field) => [field.key, field]));

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// A field's value as text that parses back to the same number.
function written(field, value) {
  const suffix = { ms: 'ms', mb: 'MB', s: 's', min: 's' }[field.unit] || '';
  return `${value}${suffix}`;
}

// Reads `#st?memory=1024&wait=4.8s` -> the preset it names, the changes it makes, and what was
// wrong with it, in sentences. Null where the address carries no scenario.
function readAddress(hash) {
  if (!hash.startsWith('#st?')) return null;
  const read = { preset: null, changes: {}, problems: [] };
  for (const part of hash.slice(4).split('&')) {
    const [key, ...rest] = part.split('=');
    const text = unescaped(rest.join('='));
    const field = Object.hasOwn(fieldKeyed, key) && fieldKeyed[key];
    if (key === 'preset') {
      if (Object.hasOwn(SCENARIOS, text)) read.preset = text;
      else read.problems.push(`There is no preset “${text}”.`);
    } else if (field) readField(read, field, text);
  }
  return read;
}

// What a link's text means; a text that no link can hold is taken as it stands.
function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readField(read, field, text) {
  const value = parseQuantity(text, field.unit);
  const low = showField(field, field.low);
  const high = showField(field, field.high);
  if (Number.isNaN(value)) {
    read.problems.push(`${capital(field.label)}: “${text}” is not a number from ${low} to ${high}.`);
    return;
  }
  const kept = clamp(value, field.low, field.high);
  read.changes[field.name] = kept;
  if (kept !== value) {
    const bound = `only ${low} to ${high} is possible, so this page shows ${showField(field, kept)}`;
    read.problems.push(`${capital(field.label)}: ${bound}.`);
  }
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function showField(field, value) {
  return field.unit === 'switch' ? (value ? 'yes' : 'no') : show(value, field.unit);
}

// What an address must say to restore `values`, beginning from a preset.
function writeAddress(preset, values) {
  const parts = preset === 'article' ? [] : [`preset=${preset}`];
  for (const field of FIELDS) {
    const value = values[field.name];
    if (value !== SCENARIOS[preset][field.name]) parts.push(`${field.key}=${written(field, value)}`);
  }
  return `#st?${parts.join('&')}`;
}
