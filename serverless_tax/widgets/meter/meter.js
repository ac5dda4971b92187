// The meter: one request played against the clock, true to scale and through a lens.

function meter(host, store) {
  const clock = makeClock();
  const lens = makeAxis(60, 240, 1200, 6000, 24_000, 120_000, 1_200_000);
  const strip = trueScale(store, clock);
  const glass = magnified(store, lens, clock);
  const totals = runningTotals();
  const numbers = {
    multiple: bigNumber('billed for each millisecond of work'),
    month: bigNumber('a month'),
    waiting: bigNumber('of that for waiting', 'st-word-waiting'),
  };
  const player = makePlayer(store, (ms) => {
    strip.drawHead(ms);
    glass.drawHead(ms);
    totals.draw(store, ms, clock.end);
  });
  const draw = (changed) => {
    const { figures: f } = store;
    clock.fit(f.wall_ms);
    lens.fit(startOf(store, 'generate'));
    strip.draw();
    glass.draw();
    numbers.multiple.show(show(f.tax_multiple, 'x'));
    numbers.month.show(show(f.month_usd, 'usd'));
    numbers.waiting.show(show(f.tax_share, 'percent'));
    player.follow(changed);
  };
  const made = makeFigure(host, store, 'meter', draw, [
    node('div', { class: 'st-numbers' }, numbers.multiple.box, numbers.month.box, numbers.waiting.box),
    node('p', { class: 'st-row-title' }, 'The request, to scale'),
    strip.element,
    strip.ticks,
    glass.element,
    totals.element,
  ], [node('div', { class: 'st-play' }, ...player.controls), presetPicker(store)]);
  strip.whenReleased(draw);
  glass.whenReleased(draw);
  return alsoStop(made, player.playWhenSeen(made.figure));
}

const lengthOf = (store, name) => store.figures[`${name}_wall_ms`];

function startOf(store, name) {
  let ms = 0;
  for (const step of STEPS) {
    if (step.name === name) break;
    ms += lengthOf(store, step.name);
  }
  return ms;
}

// A grip at the end of a step: its place on the axis is the step's length.
function stepGrip(store, step, area, axis, release) {
  const name = `${step.name}_ms`;
  const startMs = () => startOf(store, step.name);
  const toLength = (ms) => {
    const length = Math.max(0, ms - startMs());
    return step.kind === 'cpu' ? cpuThatTakes(store, step.name, length) : length;
  };
  return timeGrip(store, name, area, axis, () => startMs() + lengthOf(store, step.name), toLength, release);
}

// How much CPU makes a step so long: work takes longer than its CPU, by a law that has no inverse.
function cpuThatTakes(store, name, ms) {
  let [low, high] = [0, ms];
  for (let k = 0; k < 30; k += 1) {
    const middle = (low + high) / 2;
    const { [`${name}_wall_ms`]: takes } = figuresOf({ ...store.values, [`${name}_ms`]: middle });
    if (takes < ms) low = middle;
    else high = middle;
  }
  return high;
}

// The whole request on one strip, where the CPU is a hairline.
function trueScale(store, axis) {
  let released = () => {};
  const pieces = STEPS.map(({ kind }) => node('div', { class: `st-piece st-${kind}` }));
  const spread = node('div', { class: 'st-piece st-cpu' });
  const head = node('div', { class: 'st-head' });
  const label = node('span', { class: 'st-tag' });
  const ticks = makeTicks();
  const element = node('div', { class: 'st-strip' });
  const last = stepGrip(store, STEPS.at(-1), element, axis, () => released());
  // CPU over waiting: a hairline must not vanish under its neighbour.
  const order = [...pieces].sort((a) => (a.classList.contains('st-cpu') ? 1 : -1));
  element.append(...order, spread, head, last.grip, label);
  const draw = () => {
    STEPS.forEach((step, k) =>
      place(pieces[k], startOf(store, step.name) / axis.end, lengthOf(store, step.name) / axis.end));
    const { figures: f } = store;
    place(spread, startOf(store, 'generate') / axis.end, f.generate_wall_ms / axis.end);
    spread.style.height = f.forwarding_ms > 0 ? `max(1px, ${(100 * f.forwarding_ms) / f.generate_wall_ms}%)` : '0';
    label.style.setProperty('--at', `${(100 * f.wall_ms) / axis.end}%`);
    setText(label, `${STEPS.at(-1).label} ${show(store.values.generate_ms, 'ms')}`);
    drawTicks(ticks, axis.end / 1000, 's');
    last.describe();
  };
  const drawHead = (ms) => drawHeadAt(head, ms / axis.end, ms < store.figures.wall_ms);
  return { element, ticks, draw, drawHead, whenReleased: (f) => (released = f) };
}

function drawHeadAt(head, share, seen) {
  head.hidden = !seen;
  head.style.left = `${100 * Math.min(1, share)}%`;
}

// The first milliseconds, magnified: a row and a grip for each step.
function magnified(store, axis, clock) {
  let released = () => {};
  const head = node('div', { class: 'st-head' });
  const rows = STEPS.slice(0, -1).map((step) => {
    const piece = node('div', { class: `st-piece st-${step.kind}` });
    const label = node('span', { class: 'st-step' });
    const row = node('div', { class: 'st-row' }, piece, label);
    const slider = stepGrip(store, step, row, axis, () => released());
    row.append(slider.grip);
    return { step, row, piece, label, slider };
  });
  const title = node('p', { class: 'st-row-title' });
  const ticks = makeTicks();
  const { root: lines, shape: path } = makeSvg('st-lens-lines', '0 0 100 10');
  const field = node('div', { class: 'st-lens' }, ...rows.map(({ row }) => row), head);
  const element = node('div', {}, lines, title, field, ticks);
  const draw = () => {
    const small = (100 * axis.end) / clock.end;
    path.setAttribute('d', `M0 0 L0 10 M${Math.min(100, small)} 0 L100 10`);
    setText(title, `Its first ${show(axis.end, 'ms')}, magnified ${show(clock.end / axis.end, 'x')}`);
    for (const { step, piece, label, slider } of rows) {
      const start = startOf(store, step.name) / axis.end;
      const length = lengthOf(store, step.name) / axis.end;
      place(piece, start, length);
      putLabel(label, start, start + length);
      setText(label, `${step.label} ${show(lengthOf(store, step.name), 'ms')}`);
      slider.describe();
    }
    drawTicks(ticks, ...(axis.end < 6000 ? [axis.end, 'ms'] : [axis.end / 1000, 's']));
  };
  const drawHead = (ms) => drawHeadAt(head, ms / axis.end, ms < axis.end);
  return { element, draw, drawHead, whenReleased: (f) => (released = f) };
}

// A step's words stand after its bar, or before it, or on it, wherever there is room.
function putLabel(label, start, end) {
  const where = end < 0.5 ? 'after' : start > 0.5 ? 'before' : 'on';
  label.dataset.where = where;
  label.style.setProperty('--at', `${100 * (where === 'after' ? end : start)}%`);
}

// Two meters that run while the request is played: what is billed, and what the CPU did.
function runningTotals() {
  const billed = totalRow('billed', 'st-waiting');
  const cpu = totalRow('CPU at work', 'st-cpu');
  const draw = (store, ms, end) => {
    const { figures: f } = store;
    const atEnd = ms >= f.wall_ms;
    billed.draw(atEnd ? f.billed_ms : ms, end);
    cpu.draw(atEnd ? f.busy_ms : workedBy(store, ms), end);
    drawTicks(ticks, end / 1000, 's');
  };
  const ticks = makeTicks();
  const element = node('div', {}, node('div', { class: 'st-totals' }, billed.row, cpu.row), ticks);
  ticks.classList.add('st-under-totals');
  return { element, draw };
}

function totalRow(what, kind) {
  const piece = node('div', { class: `st-piece ${kind}` });
  const value = node('strong', { class: 'st-big' });
  const words = node('div', { class: 'st-number' }, value, node('span', { class: 'st-what' }, what));
  const row = node('div', { class: 'st-total' }, words, node('div', { class: 'st-strip st-thin' }, piece));
  return {
    row,
    draw(ms, end) {
      place(piece, 0, ms / end);
      setText(value, show(ms >= 100 ? Math.ceil(ms) : ms, 'ms'));
    },
  };
}

// How long the CPU has worked when the clock stands at `ms`.
function workedBy(store, ms) {
  let worked = 0;
  for (const { name, kind } of STEPS) {
    const part = clamp(ms - startOf(store, name), 0, lengthOf(store, name));
    if (kind === 'cpu') worked += part;
    else if (name === 'generate' && part > 0) {
      worked += (store.figures.forwarding_ms * part) / lengthOf(store, name);
    }
  }
  return worked;
}
