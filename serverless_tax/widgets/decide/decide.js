// A few questions, and the change that earns most of what the answers leave open.
function decide(host, store) {
  const knobs = ['requests_per_month', 'generate_ms', 'memory_mb', 'peak_memory_mb', 'calls', 'hour_usd'].map((name) => labelledKnob(store, name));
  const asked = Object.entries(QUESTIONS).map(([name, question]) =>
    ({ question, ...answerSwitch(store, name) }));
  const from = bigNumber('a month now');
  const to = bigNumber('a month then');
  const year = bigNumber('in the first year, the work paid');
  const advice = node('p', { class: 'st-advice' });
  const under = node('p', { class: 'st-aside' });
  const command = node('code', {});
  const sum = node('ul', { class: 'st-sum' });

  const assumed = node('ul', { class: 'st-sum' });
  // Without a number of requests it is a million that is priced.
  const isUnknown = () => !store.values.requests_per_month;
  const priced = () => (isUnknown() ? figuresOf({ ...store.values, requests_per_month: 1e6 }) : store.figures);
  const said = () => (isUnknown()
    ? adviceForAny(ADVICE, CHANGES, store.values)
    : adviceOf(ADVICE, CHANGES, store.figures, store.values.hour_usd));

  const draw = () => {
    const f = priced();
    from.show(show(f.rung_as_it_is_usd, 'usd'));
    to.show(show(f.decided_usd, 'usd'));
    year.show(show(f.decided_year_usd, 'usd'));
    const { sentence, sum: under_it } = said();
    setText(advice, sentence);
    setText(under, under_it);
    knobs.forEach((knob) => knob.draw());
    asked.forEach((one) => one.draw());
  };
  const tell = () => {
    setText(command, `serverless-tax decide --scenario '${writeAddress(store.preset, store.values)}'`);
    const f = priced();
    const open = CHANGES.filter(({ slug }) => f[`rung_${slug}_open`]);
    sum.replaceChildren(...open.map(({ slug, name, effort_hours: hours }) => {
      const earns = f[`change_${slug}_year_usd`];
      return node('li', {}, `${name}: ${show(hours, 'count')} hours, ${show(earns, 'usd')} in its first year`);
    }));
    assumed.replaceChildren(...assumedOf(ADVICE, store.values).map((text) => node('li', {}, text)));
  };
  const table = () => {
    const f = priced();
    const { sentence, ends } = said();
    const ended = ends ? [['worth least: ', 'least'], ['worth most: ', 'decided']] : [['', 'decided']];
    return [
      ['what', 'value', 'unit or reason'],
      ['advice', sentence, ''],
      ...ended.flatMap(([which, end]) => [
        [`${which}a month now`, f.rung_as_it_is_usd.toFixed(2), 'USD'],
        [`${which}a month then`, f[`${end}_usd`].toFixed(2), 'USD'],
        [`${which}work`, f[`${end}_hours`], 'hours'],
        [`${which}first year after the work`, f[`${end}_year_usd`].toFixed(2), 'USD'],
      ]),
      ...assumedOf(ADVICE, store.values).map((text) => ['assumed', text, '']),
      ...FIELDS.map(({ name, label, unit }) => [`fact: ${label}`, store.values[name], unit]),
    ];
  };
  return makeFigure(host, store, 'decide', draw, [
    node('div', { class: 'st-knobs' }, ...knobs.map((knob) => knob.box)),
    ...asked.map(({ question, buttons }) =>
      node('div', { class: 'st-asked', role: 'group', 'aria-label': question }, node('span', {}, question),
        node('div', { class: 'st-pair' }, ...buttons))),
    node('p', { class: 'st-row-title' }, 'Then'),
    advice,
    under,
    node('div', { class: 'st-numbers' }, from.box, to.box, year.box),
    node('p', { class: 'st-row-title' }, 'What the dollars take for granted'),
    assumed,
    node('p', { class: 'st-aside' }, 'The same on the command line: ', command),
    node('p', { class: 'st-aside' }, 'What else your answers leave open, on top of the tuned function:'),
    sum,
  ], [button('Download as CSV', () => download('advice.csv', asCsv(table())))], tell);
}

// The advice where it is not known how many requests there are: on a million, with the number below
// which nothing pays.
function adviceForAny(advice, changes, values) {
  const at = (requests) => figuresOf({ ...values, requests_per_month: requests });
  const pays = (requests) => {
    const f = at(requests);
    return f.decided_faster_open || changes.some(({ slug }) => f[`decided_${slug}_open`]);
  };
  const { says } = advice;
  const said = adviceOf(advice, changes, at(1e6), values.hour_usd);
  let [low, high] = [1, 1e12];
  if (!pays(high)) return said;
  if (pays(low)) high = low;
  while (high > low * 1.0001) {
    const middle = Math.sqrt(low * high);
    if (pays(middle)) high = middle; else low = middle;
  }
  if (high === 1 && !said.ends) return { ...said, sentence: put(says.any, said) };
  const unit = 10 ** Math.max(Math.floor(Math.log10(high)) - 2, 0);
  const below = high > 1 ? [put(says.below, { requests: show(Math.ceil(high / unit) * unit, 'count') })] : [];
  const sentence = said.ends ? put(says.else, said.ends) : said.sentence;
  return { ...said, sentence: [put(says.requests, advice.ask_requests), ...below, put(says.million, { sentence })].join(' ') };
}

// What the dollars take for granted.
function assumedOf({ assumes }, v) {
  const say = (key, said, when = true) => (when ? [put(assumes[key], said)] : []);
  return [
    assumes.prices,
    ...say('rate', { rate: show(v.effective_rate, 'percent') }, v.effective_rate !== 1),
    ...say('peak', { peak: show(v.peak_memory_mb, 'mb') }, v.peak_memory_mb > 0),
    v.requests_per_month ? say('requests', { requests: show(v.requests_per_month, 'count') })[0] : assumes.million,
    ...say('hour', { hour: show(v.hour_usd, 'usd') }),
    ...say('memory', {}, !v.out_of_memory),
  ];
}

const asCsv = (rows) => rows.map((row) =>
  row.map((cell) => (/[",\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(',')).join('\n') + '\n';

function download(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  node('a', { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
