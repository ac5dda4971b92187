// The advice in a sentence, and its sum: the twin of serverless_tax/questions/sentence.py.

const put = (text, said) => text.replace(/\{(\w+)\}/g, (_, name) => said[name]);

const hoursInWords = (advice, hours) =>
  `${advice.counted[hours] ?? show(hours, 'count')} hour${hours === 1 ? '' : 's'}`;

// What to do where the figures of one `end` hold: of least worth, or of what is decided.
function sentenceOf(advice, changes, f, end) {
  const read = (name) => f[`${end}_${name}`];
  const command = ({ do: text }) => fill(text, () => read('size_mb'));
  const steps = changes.filter(({ slug }) => read(`${slug}_open`));
  const speeds = { now: show(read('now_ms') / 1000, 's'), then: show(read('then_ms') / 1000, 's') };
  const { says } = advice;
  if (!steps.length) {
    if (!read('faster_open')) return says.nothing;
    const hours = hoursInWords(advice, changes[0].effort_hours);
    return put(says.faster, { do: command(changes[0]), hours, ...speeds });
  }
  const [first, ...others] = steps.map(command);
  const text = [first, ...others.map((one) => one[0].toLowerCase() + one.slice(1))].join(', then ');
  const saving = f.rung_as_it_is_usd - read('usd');
  const kind = read('short_open') && saving < 0 ? 'more' : 'less';
  const hours = hoursInWords(advice, read('hours'));
  const sentence = put(says[kind], { do: text, usd: show(Math.abs(saving), 'usd'), hours });
  if (!read('faster_open') || steps[0] === changes[0]) return sentence;
  return put(says.also, { sentence, mb: show(read('size_mb'), 'mb'), ...speeds });
}

// The sentence, its sum, and whether the peak memory has to be found out first.
function adviceOf(advice, changes, f, hourUsd) {
  const [least, most] = ['least', 'decided'].map((end) => sentenceOf(advice, changes, f, end));
  const [low, high] = [f.least_usd, f.decided_usd].map((usd) => f.rung_as_it_is_usd - usd).sort((a, b) => a - b);
  if (least !== most || high - low >= 0.005) {
    const ends = { low: show(low, 'usd'), high: show(high, 'usd') };
    return { sentence: put(advice.says.first, { ...advice.ask, ...ends }), sum: `Worth least: ${least} Worth most: ${most}`, ends };
  }
  if (most === advice.says.nothing || !f.decided_hours) return { sentence: most, sum: '' };
  const months = f.decided_payback_months;
  const said = {
    start: show(f.rung_as_it_is_usd, 'usd'),
    total: show(f.decided_usd, 'usd'),
    saving: show(f.rung_as_it_is_usd - f.decided_usd, 'usd'),
    hours: show(f.decided_hours, 'count'),
    hour: show(hourUsd, 'usd'),
    year: show(f.decided_year_usd, 'usd'),
    payback: months > advice.longest_months ? advice.says.never : show(months, 'months'),
  };
  return { sentence: most, sum: put(advice.says.sum, said) };
}
