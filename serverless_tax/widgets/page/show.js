// Numbers for a reader: the twin of serverless_tax/ground/show.py, held to the same table of cases.

const CRUMB = 1e-6; // what is left of a sum that is nothing
const COUNTED = ['answers', 'hours', 'invocations', 'requests', 'tokens'];

const powerOfTen = (decimals) => Number(`1e${decimals}`);

// A number of at least 0 with thousands separators, rounded half up on the scaled number.
function fixed(value, decimals) {
  const scaled = BigInt(Math.floor(value * powerOfTen(decimals) + 0.5));
  const digits = scaled.toString().padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  const whole = digits.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals ? `${whole}.${digits.slice(cut)}` : whole;
}

function trimmed(value, decimals) {
  let text = fixed(value, decimals);
  if (text.includes('.')) text = text.replace(/\.?0+$/, '');
  return text === '0' && value > CRUMB ? significant(value) : text;
}

// Three significant digits, never in powers of ten.
function significant(value) {
  if (value === 0) return '0';
  let decimals = 0;
  while (decimals < 15 && value * powerOfTen(decimals) < 100) decimals += 1;
  return trimmed(value, decimals);
}

// Every digit a price has, at least two after the point, never in powers of ten.
function exact(value) {
  const [digits, power] = value.toExponential().replace('.', '').split('e');
  const point = Number(power) + 1;
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const part = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  return `${whole}.${part.replace(/0+$/, '').padEnd(2, '0')}`;
}

function usd(value) {
  if (value === 0) return '$0.00';
  if (value < 0.01) return `$${significant(value)}`;
  return `$${fixed(value, value >= 10_000 ? 0 : 2)}`;
}

function months(value) {
  if (value < 2) {
    const days = fixed((value * 365) / 12, 0);
    return { 0: 'less than a day', 1: '1 day' }[days] ?? `${days} days`;
  }
  return value < 24 ? `${fixed(value, 0)} months` : `${trimmed(value / 12, 1)} years`;
}

const UNITS = {
  usd,
  price: (v) => `$${v < 1 ? exact(v) : fixed(v, 2)}`,
  usd0: (v) => `$${fixed(v, 0)}`,
  count: (v) => (v >= 100 ? fixed(v, 0) : trimmed(v, 2)),
  ms: (v) => `${v >= 10 ? trimmed(v, 1) : trimmed(v, 2)} ms`,
  s: (v) => `${v >= 10 ? trimmed(v, 1) : trimmed(v, 3)} s`,
  min: (v) => `${trimmed(v / 60, 1)} min`,
  x: (v) => `${v >= 10 ? fixed(v, 0) : trimmed(v, 1)}x`,
  percent: (v) => `${v >= 0.01 ? trimmed(v * 100, 1) : significant(v * 100)} %`,
  mb: (v) => `${trimmed(v, 0)} MB`,
  number: significant,
  months,
};
for (const nouns of COUNTED) {
  UNITS[nouns] = (v) => {
    const text = UNITS.count(v);
    return `${text} ${text === '1' ? nouns.slice(0, -1) : nouns}`;
  };
}

function show(value, unit) {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '–';
  const text = UNITS[unit](Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}
