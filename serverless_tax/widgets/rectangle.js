// The rectangle: memory across, time up. Its area is the bill; the CPU's part is a sliver of it.

const MARKS_MB = [128, 1769, 10_240];
const SNAP = 0.012; // of the axis: near a mark, the grip lands on it

function rectangle(host, store) {
  const memory = makeAxis(2048, 10_240);
  const time = makeAxis(6000, 12_000, 24_000, 45_000, 90_000, 240_000, 1_200_000);
  const cpu = node('div', { class: 'st-piece st-cpu' });
  const box = node('div', { class: 'st-piece st-waiting' }, cpu);
  const plot = node('div', { class: 'st-plot' });
  const here = () => ({
    x: store.values.memory_mb / memory.end,
    y: store.figures.wall_ms / time.end,
  });
  const setMemory = ({ x }) => store.set({ memory_mb: snapped(x * memory.end, memory.end) });
  const setTime = ({ y }) => store.set({ generate_ms: lengthForTop(store, y * time.end, time.end) });
  const grip = (direction, ...setters) =>
    makeGrip({
      area: plot,
      axes: [memory, time],
      direction,
      at: here,
      put: (share) => (share ? setters.forEach((set) => set(share)) : draw()),
    });
  const corner = grip('xy', setMemory, setTime);
  corner.setAttribute('aria-hidden', 'true'); // the two sliders beside it do the same
  const side = grip('x', setMemory);
  const top = grip('y', setTime);
  const describe = [
    makeSlider(side, store, 'memory_mb', 'memory'),
    makeSlider(top, store, 'generate_ms', 'wait for the answer'),
  ];
  const size = node('span', { class: 'st-tag' });
  const marks = MARKS_MB.map(makeMark);
  const heights = node('div', { class: 'st-heights', 'aria-hidden': 'true' });
  plot.append(...marks.map((mark) => mark.line), box, heights, side, top, corner, size);

  const month = bigNumber('a month');
  const request = bigNumber('a request');
  const used = bigNumber('of the area used by the CPU', 'st-word-cpu');
  const draw = () => {
    memory.fit(store.values.memory_mb);
    time.fit(store.figures.wall_ms);
    const { x, y } = here();
    plot.style.setProperty('--x', `${x * 100}%`);
    plot.style.setProperty('--y', `${Math.min(1, y) * 100}%`);
    cpu.style.height = `max(1px, ${Math.min(1, store.figures.cpu_share) * 100}%)`;
    for (const mark of marks) mark.draw(memory.end);
    drawHeights(heights, time.end);
    setText(size, sizeOf(store));
    month.show(show(store.figures.month_usd, 'usd'));
    request.show(show(store.figures.request_usd, 'usd'));
    used.show(show(store.figures.cpu_share, 'percent'));
    describe.forEach((renew) => renew());
  };
  return makeFigure(host, store, 'rectangle', draw, [
    node('div', { class: 'st-numbers' }, month.box, request.box, used.box),
    node('p', { class: 'st-axis-up' }, 'time on the clock'),
    plot,
    node('div', { class: 'st-marks', 'aria-hidden': 'true' }, ...marks.map((mark) => mark.label)),
    node('p', { class: 'st-axis-across' }, 'memory, in MB'),
    node('p', { class: 'st-key' }, ...keyOfColours()),
  ]);
}

function sizeOf({ values, figures: f }) {
  return `${show(values.memory_mb, 'mb')} (${show(f.vcpu_share, 'percent')} of a CPU) × ${show(f.wall_ms / 1000, 's')}`;
}

// Which words belong to which colour.
function keyOfColours() {
  return [
    node('span', { class: 'st-word-cpu' }, 'CPU at work'),
    node('span', { class: 'st-word-waiting' }, 'waiting'),
  ];
}

function snapped(mb, end) {
  const mark = MARKS_MB.find((each) => Math.abs(each - mb) < SNAP * end);
  return clamp(mark || Math.round(mb / 16) * 16, 128, 10_240);
}

// The wait that lifts the rectangle's top to `ms`: what is not the streaming step stays below it.
function lengthForTop({ figures: f }, ms, end) {
  return dragged(fieldNamed.generate_ms, Math.max(0, ms - (f.wall_ms - f.streamed_ms)), end);
}

function makeMark(mb) {
  const line = node('div', { class: 'st-mark', 'aria-hidden': 'true' });
  const label = node('span', {}, show(mb, 'count'));
  if (mb === 1769) label.append(node('br'), 'one CPU');
  const draw = (end) => {
    const at = `${(100 * mb) / end}%`;
    line.style.left = at;
    label.style.setProperty('--at', at);
    line.hidden = label.hidden = mb > end;
    label.classList.toggle('st-at-end', mb / end > 0.95);
  };
  return { line, label, draw };
}

function drawHeights(box, end) {
  if (box.dataset.end === String(end)) return;
  box.dataset.end = end;
  box.replaceChildren(
    ...[1, 2, 3].map((k) => {
      const tick = node('span', {}, show((end * k) / 3000, 's'));
      tick.style.bottom = `${(100 * k) / 3}%`;
      return tick;
    }),
  );
}
