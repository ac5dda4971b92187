// The ladder: every change for a function that waits, from the least effort up.

function ladder(host, store) {
  let chosen = RUNGS[1].id;
  const usd = (id, part = '') => store.figures[`rung_${id.replaceAll('-', '_')}${part}_usd`];
  const now = bigNumber('a month, as it is');
  const there = bigNumber('');
  const earned = bigNumber('in the first year, the work paid');
  const rungs = RUNGS.map((rung) => ladderRung(rung, () => choose(rung.id)));
  const list = node('div', { class: 'st-ladder', role: 'radiogroup', 'aria-label': 'Rungs, by effort' },
    ...rungs.map(({ element }) => element));
  const about = node('div', { class: 'st-about st-told' });
  const knobs = ['requests_per_month', 'memory_mb', 'hour_usd'].map((name) => labelledKnob(store, name));

  list.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const k = RUNGS.findIndex(({ id }) => id === chosen);
    choose(RUNGS[(k + step + RUNGS.length) % RUNGS.length].id);
    rungs.find(({ id }) => id === chosen).element.focus();
  });

  function choose(id) {
    chosen = id;
    draw();
  }

  function draw() {
    const most = Math.max(...RUNGS.map(({ id }) => usd(id)));
    for (const one of rungs) {
      const small = one.id !== 'as-it-is' && usd(one.id, '_step') < store.values.hour_usd;
      one.draw(usd(one.id), most, usd(one.id, '_step'), one.id === chosen, small);
    }
    const rung = RUNGS.find(({ id }) => id === chosen);
    const step = usd(chosen, '_step');
    now.show(show(usd('as-it-is'), 'usd'));
    there.show(show(usd(chosen), 'usd'));
    setText(there.what, `a month: ${rung.name}`);
    earned.show(show(usd(chosen, '_year'), 'usd'));
    const work = `It takes about ${show(rung.effort_hours, 'count')} hours`;
    const saves = step >= 0 ? `and saves ${show(step, 'usd')} a month` : `and costs ${show(-step, 'usd')} a month more`;
    about.replaceChildren(
      node('p', {}, rung.effort_hours ? `${work}, ${saves} on top of the rungs it builds on.` : 'Where you stand.'),
      ...(rung.risk ? [node('p', {}, `Risk: ${rung.risk}`)] : []),
      ...(rung.lost ? [node('p', {}, `Given up: ${rung.lost}`)] : []),
    );
    knobs.forEach((knob) => knob.draw());
  }

  return makeFigure(host, store, 'ladder', draw, [
    node('div', { class: 'st-numbers' }, now.box, there.box, earned.box),
    list,
    node('p', { class: 'st-aside' }, 'Faded: saves less in a month than an hour of your time.'),
    about,
    node('div', { class: 'st-knobs' }, ...knobs.map((knob) => knob.box)),
  ]);
}

function ladderRung({ id, name }, onChoose) {
  const bar = node('div', { class: 'st-piece st-waiting' });
  const told = node('strong', { class: 'st-told' });
  const note = node('span', { class: 'st-small' });
  const element = node('div', { class: 'st-rung', role: 'radio', onclick: onChoose },
    node('span', { class: 'st-name' }, `${name}: `, told, note),
    node('div', { class: 'st-strip st-thin' }, bar));
  return {
    id,
    element,
    draw(usd, most, step, isChosen, small) {
      place(bar, 0, usd / most);
      setText(told, show(usd, 'usd'));
      setText(note, small ? (step < 0 ? ' costs more' : ' saves less than an hour') : '');
      element.classList.toggle('st-faded', small);
      element.setAttribute('aria-checked', isChosen);
      element.setAttribute('tabindex', isChosen ? 0 : -1);
    },
  };
}
