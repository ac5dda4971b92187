// Text with a unit, from an address or from a reader's keyboard, to a number in a field's unit.

// The number, or NaN if the text is not one. A length may be in several units, as 1m30s is.
function parseQuantity(text, unit) {
  const plain = text.trim().toLowerCase().replace(/^\$/, '').replace(/[_\s]|,(?=\d{3}(?!\d))/g, '');
  const units = SUFFIXES[unit];
  const pieces = units.h ? plain.replace(WRITTEN_OUT, '').split(/(?<=[hms])(?=\d[\d.]*[hms])/) : [plain];
  return pieces.reduce((sum, one) => {
    const [, number, power = 0, letters] = /^(-?(?:\d+\.?\d*|\.\d+))(?:e([+-]?\d+))?([a-z%]*)$/.exec(one) ?? [];
    const suffix = units[letters] ?? [];
    return sum + Number(`${number}e${Number(power) + suffix[1]}`) * suffix[0];
  }, 0);
}

// What follows the letters of a unit that is written out.
const WRITTEN_OUT = /(?<=m)(illi(?=s)|in(utes?)?)|(?<=s)ec(onds?)?|(?<=h)ours?/g;

const fieldNamed = Object.fromEntries(FIELDS.map((field) => [field.name, field]));
const fieldKeyed = Object.fromEntries(FIELDS.map((field) => [field.key, field]));

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// A field's value as text that parses back to the same number.
function written(unit, value) {
  return value === null ? 'unknown' : value + ({ ms: 'ms', mb: 'MB', s: 's', min: 's' }[unit] || '');
}

// An older link could say at what memory its steps were timed.
const TIMED_BY_THE_CLOCK = 'The link’s steps, as a clock timed them, are taken as CPU time here.';

// Reads `#st?v=2&preset=article&memory=1024MB` -> the preset it names, the changes it makes, and what
// was wrong with it, in sentences. Null where the address carries no scenario. An address without a
// version is of the first.
function readAddress(hash) {
  if (!hash.startsWith('#st?')) return null;
  const read = { preset: null, changes: {}, problems: [] };
  for (const part of hash.slice(4).split('&')) {
    const [key, ...rest] = part.split('=');
    const text = unescaped(rest.join('='));
    const field = Object.hasOwn(fieldKeyed, key) && fieldKeyed[key];
    if (key === 'v') read.problems.push(...problemsOfVersion(text));
    else if (key === 'preset') {
      if (Object.hasOwn(SCENARIOS, text)) read.preset = text;
      else read.problems.push(`There is no preset “${text}”.`);
    } else if (key === 'measured') read.problems.push(TIMED_BY_THE_CLOCK);
    else if (field) readField(read, field, text);
  }
  return read;
}

function problemsOfVersion(text) {
  const version = Number(text);
  if (Number.isInteger(version) && version >= 1 && version <= LINK_VERSION) return [];
  return [`This link is of version “${text}”, which this page does not know; it shows what it could read.`];
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
  const { name } = field;
  if (text === 'unknown' && UNKNOWABLE.includes(name)) {
    read.changes[name] = ZERO_IS_UNKNOWN.includes(name) ? 0 : null;
    return;
  }
  const value = parseQuantity(text, field.unit);
  const low = showField(field, field.low);
  const high = showField(field, field.high);
  const whole = name === 'memory_mb' ? 'whole ' : ''; // Lambda sells no part of a megabyte
  const tell = (said) => read.problems.push(`${capital(field.label)}: ${said}.`);
  if (!(value >= 0) || (whole && value % 1)) return void tell(`“${text}” is not a ${whole}number from ${low} to ${high}`);
  const kept = clamp(value, field.low, field.high);
  read.changes[name] = kept;
  if (kept !== value) tell(`only ${low} to ${high} is possible, so this page shows ${showField(field, kept)}`);
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function showField(field, value) {
  return field.unit === 'switch' ? (value ? 'yes' : 'no') : show(value, field.unit);
}

// What an address must say to restore `values`, beginning from a preset; or from a page's own request,
// its preset with the changes `own`. Then it names no preset: another page begins from its own.
function writeAddress(preset, values, own = null) {
  const first = { ...SCENARIOS[preset], ...own };
  const parts = [`v=${LINK_VERSION}`, ...(own ? [] : [`preset=${preset}`])];
  for (const { name, key, unit } of FIELDS) {
    if (values[name] !== first[name]) parts.push(`${key}=${written(unit, values[name])}`);
  }
  return `#st?${parts.join('&')}`;
}

// The address of what a page shows: nothing of it where nothing was moved.
function addressOf(store) {
  const { preset, changes } = store.start;
  return store.isUntouched() ? '' : writeAddress(store.preset, store.facts(), store.preset === preset && changes);
}
