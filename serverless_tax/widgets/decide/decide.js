// A few questions, and the change that earns most of what the answers leave open.
function decide(host, store) {
  const knobs = ['requests_per_month', 'generate_ms', 'memory_mb', 'peak_memory_mb', 'calls', 'longest_ms', 'hour_usd'].map((name) => labelledKnob(store, name));
  const asked = Object.entries(QUESTIONS).map(([name, question]) =>
    ({ question, ...answerSwitch(store, name) }));
  const from = bigNumber('a month now');
  const to = bigNumber('a month then');
  const year = bigNumber('in the first year, the work paid');
  const advice = node('p', { class: 'st-advice' });
  const [then, under] = [node('p'), node('p', { class: 'st-aside' })];
  const command = node('code', {});
  const sum = node('ul', { class: 'st-sum' });

  const assumed = node('ul', { class: 'st-sum' });
  let said = null;
  const unknown = UNKNOWNS.map(([name, label]) => {
    const one = button(label, () => store.set({ [name]: store.unknown.has(name) ? store.values[name] : null }));
    return { one, name };
  });

  // An end of a range is of dollars: a size for a shorter answer alone is a step of one advice.
  const read = (f, name) => f[`${said.ends ? 'decided' : 'said'}_${name}`];
  const ranged = (name) => rangeOf(said, (f) => read(f, name));

  const draw = () => {
    said = adviceOf(ADVICE, CHANGES, store.facts());
    from.show(rangeOf(said, (f) => f.rung_as_it_is_usd));
    to.show(ranged('usd'));
    year.show(ranged('year_usd'));
    setText(advice, said.first);
    setText(then, said.rest);
    setText(under, said.sum);
    knobs.forEach((knob) => knob.draw());
    asked.forEach((one) => one.draw());
    unknown.forEach(({ one, name }) => one.setAttribute('aria-pressed', store.unknown.has(name)));
  };
  const tell = () => {
    setText(command, commandFor(store));
    const { f } = said.most;
    sum.replaceChildren(...leftOpen(CHANGES, said).map(({ slug, hours }) =>
      node('li', {}, `${NAMES[slug]}: ${show(hours, 'count')} hours, ${show(earns(f, slug), 'usd')} in its first year`)));
    assumed.replaceChildren(...assumedOf(ADVICE, store.facts(), said).map((text) => node('li', {}, text)));
    return isRange(said, store) ? said.sentence : '';
  };
  const table = () => {
    const facts = store.facts();
    const ended = said.noEnd ? [] : said.least !== said.most ? [['worth least: ', said.least], ['worth most: ', said.most]] : [['', said.most]];
    return [
      ['what', 'value', 'unit or reason'],
      ['advice', said.sentence, ''],
      ...ended.flatMap(([which, { f }]) => [
        [`${which}a month now`, f.rung_as_it_is_usd.toFixed(2), 'USD'],
        [`${which}a month then`, read(f, 'usd').toFixed(2), 'USD'],
        [`${which}work`, read(f, 'hours'), 'hours'],
        [`${which}first year after the work`, read(f, 'year_usd').toFixed(2), 'USD'],
      ]),
      ...assumedOf(ADVICE, facts, said).map((text) => ['assumed', text, '']),
      ...FIELDS.map(({ name, label, unit }) => [`fact: ${label}`, facts[name] ?? 'unknown', unit]),
    ];
  };
  return makeFigure(host, store, 'decide', draw, [
    advice,
    then,
    node('details', {}, node('summary', {}, 'The sum'),
      under,
      node('p', { class: 'st-row-title' }, 'What the dollars take for granted'), assumed,
      node('p', { class: 'st-row-title' }, 'What else your answers leave open, on top of the tuned function'), sum),
    node('div', { class: 'st-numbers' }, from.box, to.box, year.box),
    node('div', { class: 'st-knobs' }, ...knobs.map((knob) => knob.box)),
    ...asked.map(({ question, buttons }) =>
      node('div', { class: 'st-asked', role: 'group', 'aria-label': question }, node('span', {}, question),
        node('div', { class: 'st-pair' }, ...buttons))),
    node('div', { class: 'st-asked', role: 'group', 'aria-label': 'What is unknown' }, node('span', {}, 'Unknown:'),
      node('div', { class: 'st-pair' }, ...unknown.map(({ one }) => one))),
    node('p', { class: 'st-aside' }, 'The same on the command line: ', command),
  ], [button('Download as CSV', () => download('advice.csv', new Blob([asCsv(table())], { type: 'text/csv' })))], tell);
}

const earns = (f, slug) => f[`change_${slug}_year_usd`];

// The changes that are possible whatever is unknown, what the first year leaves most of first.
const leftOpen = (changes, { noEnd, least, most }) => changes
  .filter(({ slug }) => !noEnd && [least, most].every(({ f }) => f[`rung_${slug}_open`]))
  .sort((one, other) => earns(most.f, other.slug) - earns(most.f, one.slug));

const asCsv = (rows) => rows.map((row) =>
  row.map((cell) => (/[",\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(',')).join('\n') + '\n';
