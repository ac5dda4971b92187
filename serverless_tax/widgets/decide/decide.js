// A few questions, and the change that earns most of what the answers leave open.
function decide(host, store) {
  const knobs = ['requests_per_month', 'generate_ms', 'memory_mb', 'peak_memory_mb', 'calls', 'longest_ms', 'hour_usd'].map((name) => labelledKnob(store, name));
  const asked = Object.entries(QUESTIONS).map(([name, question]) =>
    ({ question, ...answerSwitch(store, name) }));
  const [from, to] = [bigNumber(''), bigNumber('')];
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

  const ranged = (name) => rangeOf(said, readerOf(said)(name));

  const draw = () => {
    said = adviceOf(ADVICE, CHANGES, store.facts());
    from.show(rangeOf(said, (f) => f.rung_as_it_is_usd));
    to.show(ranged('usd'));
    const month = said.facts.requests_per_month ? 'a month' : 'a million';
    setText(from.what, `${month} now`);
    setText(to.what, `${month} then`);
    year.show(said.facts.requests_per_month ? ranged('year_usd') : 'unknown');
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
      node('li', {}, `${NAMES[slug]}: ${show(hours, 'hours')}, ${show(earns(f, slug), 'usd')} in its first year`)));
    assumed.replaceChildren(...assumedOf(ADVICE, store.facts(), said).map((text) => node('li', {}, text)));
    return isRange(said, store) ? said.sentence : '';
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
  ], [button('Download as CSV', () => download('advice.csv', new Blob([asCsv(said)], { type: 'text/csv' })))], tell);
}

// An end of a range is of dollars: a size for a shorter answer alone is a step of one advice.
const readerOf = ({ alike }) => (name) => (f) => f[`${alike ? 'said' : 'decided'}_${name}`];

// The advice and its facts as a table: the twin of Advice.rows.
function rowsOf(said) {
  const { facts, least, most } = said;
  const usd = facts.requests_per_month ? 'USD' : 'USD for a million requests';
  const read = readerOf(said);
  const ends = least === most ? [['', most]] : [['worth least: ', least], ['worth most: ', most]];
  return [
    ['what', 'value', 'unit'],
    ['advice', said.sentence, ''],
    ...(said.noEnd ? [] : ends).flatMap(([which, { f }]) => [
      [`${which}a month now`, f.rung_as_it_is_usd.toFixed(2), usd],
      [`${which}a month then`, read('usd')(f).toFixed(2), usd],
      [`${which}work`, read('hours')(f), 'hours'],
      [`${which}first year after the work`, read('year_usd')(f).toFixed(2), usd],
      ...savedBy(f, said.alike).map(([slug, saved]) => [`${which}saved by ${IDS[slug]}`, saved.toFixed(2), usd]),
    ]),
    ...assumedOf(ADVICE, facts, said).map((text) => ['assumed', text, '']),
    ...factRows(facts, most.f),
  ];
}

// What each step saves of a month, on top of those before it; a size for a shorter answer alone is one.
function savedBy(f, alike) {
  const { step_memory_usd: memory, step_arm_usd: arm } = f;
  const alone = f.decided_faster_open && alike ? [CHANGES[0]] : [];
  let left = savingOf(f);
  return (stepsOf(CHANGES, f)[0] ? stepsOf(CHANGES, f) : alone).map(({ slug }) => {
    const saved = { memory, arm }[slug] ?? left;
    left -= saved;
    return [slug, saved];
  });
}

// The facts as they are kept, each with its unit.
function factRows(facts, f) {
  const isUnsplit = facts.unsplit && !lengthsLeft(facts).length;
  const isWorkKnown = facts.receive_ms !== null && !isUnsplit;
  const kept = {
    ...facts,
    ...Object.fromEntries([...ZERO_IS_UNKNOWN, 'longest_ms'].map((name) => [name, facts[name] || null])),
    took_ms: f.decided_now_ms,
    cpu_ms: isWorkKnown ? facts.receive_ms + facts.prompt_ms + facts.call_ms : null,
    wait_ms: facts.retrieve_ms,
    streaming_ms: isUnsplit ? null : facts.generate_ms,
  };
  const written = (value, unit) => (unit ? Number(value.toPrecision(10)) : value ? 'yes' : 'no');
  return Object.entries(UNITS).filter(([name]) => name !== 'took_ms' || (isUnsplit && facts.memory_mb !== null))
    .map(([name, unit]) => [`fact: ${name}`, kept[name] === null ? 'unknown' : written(kept[name], unit), unit]);
}

const earns = (f, slug) => f[`change_${slug}_year_usd`];

// The changes that are possible whatever is unknown, what the first year leaves most of first.
const leftOpen = (changes, { noEnd, least, most }) => changes
  .filter(({ slug }) => !noEnd && [least, most].every(({ f }) => f[`rung_${slug}_open`]))
  .sort((one, other) => earns(most.f, other.slug) - earns(most.f, one.slug));

function asCsv(said) {
  const written = (cell) => (/[",\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell);
  return rowsOf(said).map((row) => `${row.map(written).join(',')}\n`).join('');
}
