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

  const draw = () => {
    const { figures: f } = store;
    from.show(show(f.rung_as_it_is_usd, 'usd'));
    to.show(show(f.decided_usd, 'usd'));
    year.show(show(f.decided_year_usd, 'usd'));
    const said = adviceOf(ADVICE, CHANGES, f, store.values.hour_usd);
    setText(advice, said.sentence);
    setText(under, said.sum);
    knobs.forEach((knob) => knob.draw());
    asked.forEach((one) => one.draw());
  };
  const tell = () => {
    setText(command, `serverless-tax decide --scenario '${writeAddress(store.preset, store.values)}'`);
    const { figures: f } = store;
    const open = CHANGES.filter(({ slug }) => f[`rung_${slug}_open`]);
    sum.replaceChildren(...open.map(({ slug, name, effort_hours: hours }) => {
      const earns = f[`change_${slug}_year_usd`];
      return node('li', {}, `${name}: ${show(hours, 'count')} hours, ${show(earns, 'usd')} in its first year`);
    }));
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
    node('p', { class: 'st-aside' }, 'The same, its assumptions, and a table with --csv: ', command),
    node('p', { class: 'st-aside' }, 'What else your answers leave open, on top of the tuned function:'),
    sum,
  ], [], tell);
}
