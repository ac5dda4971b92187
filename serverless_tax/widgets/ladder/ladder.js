// The ladder: every change for a function that waits, from the least effort up.

function ladder(host, store) {
  let chosen = RUNGS[1];
  const read = (rung, end) => store.figures[`rung_${rung.slug}_${end}`];
  const now = bigNumber('a month, as it is');
  const there = bigNumber('a month on the rung you opened');
  const year = bigNumber('in the first year, the work paid');
  const panel = makePanel('The open rung');
  const lines = ['', '', '', ''].map(() => panel.element.appendChild(node('p')));
  const rows = RUNGS.map((rung, k) => barRow(named(rung, k > 2), (end) => read(rung, end), () => stand(rung)));
  const title = (key) => node('p', { class: 'st-row-title' }, RUNG_SAYS[key]);
  const stop = node('p', { class: 'st-stop st-told' });
  const [start, memory, arm, ...doors] = rows.map(({ element }) => element);
  const unpriced = node('p', { class: 'st-told' });
  const list = node('div', { class: 'st-rungs' }, start, title('steps'), memory, arm, title('doors'), ...doors, unpriced);
  const knobs = ['requests_per_month', 'memory_mb', 'hour_usd'].map((name) => labelledKnob(store, name));

  function stand(rung) {
    const { element } = rows[RUNGS.indexOf(rung)];
    chosen = rung;
    panel.open(element, (shown) => element.after(shown));
    drawChosen();
    tellOfChosen();
  }

  // An arrow climbs; Tab reaches each rung as well.
  list.addEventListener('keydown', (event) => {
    const k = rows.findIndex(({ element }) => element === event.target);
    const to = rungAfterKey(event, k);
    if (to === null) return;
    event.preventDefault();
    stand(RUNGS[to]);
    rows[to].element.focus();
  });

  function drawChosen() {
    there.show(show(read(chosen, 'usd'), 'usd'));
    year.show(show(read(chosen, 'year_usd'), 'usd'));
  }

  function tellOfChosen() {
    const told = [effortOf(chosen, read, store), ['Risk: ', chosen.risk], ['Given up: ', chosen.lost],
      ['', fillCaption(chosen.counted, store)]];
    told.forEach(([what, text], k) => setText(lines[k], text && what + text));
  }

  function draw() {
    const most = Math.max(...RUNGS.map((rung) => read(rung, 'usd')));
    rows.forEach((row) => row.draw(most));
    now.show(show(read(RUNGS[0], 'usd'), 'usd'));
    drawChosen();
    knobs.forEach((knob) => knob.draw());
  }

  function tell() {
    RUNGS.slice(1).forEach((rung, k) =>
      rows[k + 1].tell(...worthOf(shownStep(read(rung, 'usd'), read(rung, 'step_usd')), read(rung, 'year_usd'))));
    const last = RUNGS.findLastIndex((rung, k) => !k || read(rung, 'year_usd') > 0);
    const { element } = rows[last];
    (chosen === RUNGS[last] ? panel.element : element).after(stop);
    stop.hidden = last === RUNGS.length - 1;
    setText(stop, fillCaption(RUNG_SAYS.stop, store));
    tellOfChosen();
    const { web_vcpu_hour_usd: hourUsd } = store.figures;
    unpriced.hidden = !(hourUsd > 0 && Number.isFinite(hourUsd));
    setText(unpriced, unpriced.hidden ? '' : fillCaption(RUNG_SAYS.web, store));
  }

  stand(chosen);
  return makeFigure(host, store, 'ladder', draw, [
    node('div', { class: 'st-numbers' }, now.box, there.box, year.box),
    list,
    keyOfBars(),
    node('p', { class: 'st-aside' }, 'Faded: it earns less in a year than its work costs.'),
    node('div', { class: 'st-knobs' }, ...knobs.map((knob) => knob.box)),
  ], [], tell);
}

// A rung's name, with what it takes; of a door, who is called at night as well.
const named = ({ name, weeks, pager }, isDoor) => node('span', {}, name,
  node('small', {}, weeks && ` · ${weeks}`, isDoor ? `, pager: ${pager}` : ''));

function rungAfterKey(event, k) {
  if (k < 0 || isCommand(event)) return null;
  const last = RUNGS.length - 1;
  const to = { ArrowDown: k + 1, ArrowRight: k + 1, ArrowUp: k - 1, ArrowLeft: k - 1, Home: 0, End: last }[event.key];
  return to === undefined ? null : clamp(to, 0, last);
}

// What a rung saves, as the difference of the two months that the reader sees.
function shownStep(usd, stepUsd) {
  const shown = (amount) => Number(show(amount, 'usd').replace(/[$,]/g, ''));
  return shown(usd + stepUsd) - shown(usd);
}

// What a rung is worth in a month, from ten dollars on without cents, in words, and whether it fades: by the advisor's own measure.
function worthOf(stepUsd, yearUsd) {
  const saves = show(Math.abs(stepUsd), Math.abs(stepUsd) < 10 ? 'usd' : 'usd0');
  if (saves === show(0, 'usd')) return ['saves nothing', true];
  if (stepUsd < 0) return [`costs ${saves} more`, true];
  return yearUsd > 0 ? [`saves ${saves}`, false] : [`${saves}: not worth it`, true];
}

function effortOf(rung, read, store) {
  if (!rung.effort_hours) return ['', RUNG_SAYS.start];
  const figures = { ...rung, hour_usd: store.values.hour_usd, payback_months: read(rung, 'payback_months') };
  const said = figures.payback_months <= RUNG_SAYS.longest_months ? RUNG_SAYS.paid_back : RUNG_SAYS.never;
  return [fill(RUNG_SAYS.takes, (name) => figures[name]), fill(said, (name) => figures[name])];
}
