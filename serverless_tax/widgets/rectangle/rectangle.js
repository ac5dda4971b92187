// The rectangle: time across, memory up. Its area is the bill; the CPU's part is a sliver of it.

const [LEAST_MB, MOST_MB] = MEMORY_MB;
const MARKS_MB = [LEAST_MB, FULL_VCPU_MB, MOST_MB];
const SNAP = 0.012; // of the axis: near a mark, the grip lands on it

function rectangle(host, store) {
  const memory = makeAxis(AXIS_MB, MOST_MB);
  const time = makeClock();
  const cpu = node('div', { class: 'st-piece st-cpu' });
  const box = node('div', { class: 'st-piece st-waiting' }, cpu);
  const plot = node('div', { class: 'st-area' });
  const here = () => ({
    x: store.figures.wall_ms / time.end,
    y: store.values.memory_mb / memory.end,
  });
  const memoryAt = ({ y }) => ({ memory_mb: snapped(y * memory.end, memory.end) });
  const timeAt = ({ x }) => ({ generate_ms: lengthForEdge(store, x * time.end, time.end) });
  const grip = (direction, ...readings) =>
    makeGrip({
      area: plot,
      axes: [memory, time],
      direction,
      at: here,
      put: (share) => (share ? store.set(Object.assign({}, ...readings.map((read) => read(share)))) : draw()),
    });
  const corner = grip('xy', memoryAt, timeAt);
  corner.setAttribute('aria-hidden', 'true'); // the two sliders beside it do the same
  const top = grip('y', memoryAt);
  const side = grip('x', timeAt);
  const describe = [
    makeSlider(top, store, 'memory_mb'),
    makeSlider(side, store, 'generate_ms'),
  ];
  const size = node('p', { class: 'st-row-title' });
  const marks = MARKS_MB.map(makeMark);
  const ticks = makeTicks();
  const work = node('span', { class: 'st-work-says' });
  plot.append(box, work, ...marks.map((mark) => mark.line), top, side, corner);

  const month = bigNumber('a month');
  const receipt = makeReceipt();
  const knob = labelledKnob(store, 'memory_mb'); // each doubling as long as the last
  knob.box.querySelector('.st-grip').setAttribute('aria-label', 'memory, by doublings');
  const used = bigNumber('of the area is work', 'st-word-cpu');
  const draw = () => {
    memory.fit(store.values.memory_mb);
    time.fit(store.figures.wall_ms);
    const { x, y } = here();
    plot.style.setProperty('--x', `${Math.min(1, x) * 100}%`);
    plot.style.setProperty('--y', `${y * 100}%`);
    cpu.style.width = `max(1px, ${Math.min(1, store.figures.cpu_share) * 100}%)`;
    const [needed, taken] = [store.figures.needed_ms, store.figures.busy_ms].map((ms) => show(ms, 'ms'));
    setText(work, needed === taken ? `← ${needed} of work` : `← ${needed} of work in ${taken}`);
    for (const mark of marks) mark.draw(memory.end);
    drawTicks(ticks, time.end / 1000, 's');
    setText(size, sizeOf(store));
    month.show(show(store.figures.month_usd, 'usd'));
    receipt.draw(store);
    used.show(show(store.figures.cpu_share, 'percent'));
    describe.forEach((renew) => renew());
    knob.draw();
  };
  return makeFigure(host, store, 'rectangle', draw, [
    node('div', { class: 'st-numbers' }, month.box, used.box),
    node('div', { class: 'st-and-receipt' },
      node('div', {}, size, node('p', { class: 'st-axis' }, '↑ memory'), plot, ticks,
        node('p', { class: 'st-key' }, ...keyOfColours(), node('span', { class: 'st-time' }, 'time →'))),
      receipt.element),
    knob.box,
  ]);
}

// The same bill as a till prints it: its two lines, and what they add up to.
function makeReceipt() {
  const lines = RECEIPT.map(({ what, unit, quantity, usd }) => {
    const [amount, count] = [node('b', {}), node('span', {})];
    const draw = (read, told) => {
      setText(amount, told ?? show(read(usd), 'usd'));
      if (quantity) setText(count, `${show(read(quantity), 'count')} ${unit}`);
    };
    return { parts: [node('dt', {}, what, count), node('dd', {}, amount)], draw };
  });
  return {
    element: node('dl', { class: 'st-receipt' }, ...lines.flatMap(({ parts }) => parts)),
    draw({ read }) {
      const requests = read('requests_month_usd');
      const told = addingUp([requests, read('month_usd') - requests]); // INIT is billed as duration
      lines.forEach(({ draw }, k) => draw(read, told[k]));
    },
  };
}

function sizeOf({ values, figures: f }) {
  const memory = `${show(values.memory_mb, 'mb')} (${show(f.vcpu_share, 'percent')} of a CPU)`;
  return `${memory} for ${show(f.wall_ms / 1000, 's')}`;
}

// Which words belong to which colour.
function keyOfColours() {
  return [
    node('span', { class: 'st-word-cpu' }, 'work'),
    node('span', { class: 'st-word-waiting' }, 'waiting'),
  ];
}

function snapped(mb, end) {
  const mark = MARKS_MB.find((each) => Math.abs(each - mb) < SNAP * end);
  return clamp(mark || Math.round(mb / 16) * 16, LEAST_MB, MOST_MB);
}

// The wait that moves the rectangle's edge to `ms`: what is not the streaming step stays left of it.
function lengthForEdge({ figures: f }, ms, end) {
  return dragged(fieldNamed.generate_ms, Math.max(0, ms - (f.wall_ms - f.streamed_ms)), end);
}

function makeMark(mb) {
  const label = node('span', {}, mb === FULL_VCPU_MB ? `${show(mb, 'mb')}: one CPU` : show(mb, 'mb'));
  const line = node('div', { class: 'st-mark', 'aria-hidden': 'true' }, label);
  const draw = (end) => {
    line.style.bottom = `${(100 * mb) / end}%`;
    line.hidden = mb > end;
  };
  return { line, draw };
}
