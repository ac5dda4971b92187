// The plumber: some work, a wait for a part, and one bill for both.

const MANY = 40; // people that can be counted at a glance

function plumber(host, store) {
  const axis = makeAxis(AXIS_S);
  const work = node('div', { class: 'st-piece st-cpu' });
  const wait = node('div', { class: 'st-piece st-waiting' });
  const label = node('span', { class: 'st-tag' });
  const strip = node('div', { class: 'st-strip' }, work, wait);
  const ticks = makeTicks();
  const grip = makeGrip({
    area: strip,
    axes: [axis],
    at: () => ({ x: (store.values.plumber_work_s + store.values.plumber_wait_s) / axis.end, y: 0 }),
    put(share) {
      if (!share) return;
      const seconds = share.x * axis.end - store.values.plumber_work_s;
      store.set({ plumber_wait_s: dragged(fieldNamed.plumber_wait_s, seconds, axis.end) });
    },
  });
  const describe = makeSlider(grip, store, 'plumber_wait_s');
  strip.append(grip, label);

  const paid = bigNumber('for the work', 'st-word-cpu');
  const waited = bigNumber('for the waiting', 'st-word-waiting');
  const multiple = bigNumber('the price of the work alone');
  const hour = bigNumber('for an hour of waiting');
  const atOnce = bigNumber('of them waiting at any moment, day and night', 'st-word-waiting');
  const lambda = requestStrip();
  const crowd = node('div', { class: 'st-crowd', 'aria-hidden': 'true' });
  const month = node('p', { class: 'st-row-title' });

  const draw = () => {
    const { plumber_work_s: workS, plumber_wait_s: waitS } = store.values;
    const end = axis.fit(0);
    place(work, 0, workS / end);
    place(wait, workS / end, waitS / end);
    grip.stand((workS + waitS) / end);
    label.style.setProperty('--at', `${(100 * (workS + waitS)) / end}%`);
    setText(label, `waits ${show(waitS, 'min')}`);
    drawTicks(ticks, AXIS_S, 'min');
    describe();
    paid.show(show(store.figures.plumber_work_usd, 'usd'));
    waited.show(show(store.figures.plumber_wait_usd, 'usd'));
    multiple.show(show(store.figures.plumber_multiple, 'x'));
    hour.show(show(store.figures.waiting_hour_usd, 'usd'));
    atOnce.show(show(store.figures.waits_at_once, 'number'));
    lambda.draw(store);
    drawCrowd(crowd, store.figures.waits_at_once);
    setText(month, `The same clock, ${show(store.values.requests_per_month, 'requests')} a month`);
  };
  return makeFigure(host, store, 'plumber', draw, [
    node('p', { class: 'st-row-title' }, 'A plumber’s visit'),
    node('div', { class: 'st-numbers' }, paid.box, waited.box, multiple.box),
    strip,
    ticks,
    node('p', { class: 'st-row-title' }, 'The same clock, one Lambda function'),
    node('div', { class: 'st-numbers' }, hour.box, lambda.words),
    lambda.strip,
    lambda.ticks,
    month,
    node('div', { class: 'st-numbers' }, atOnce.box),
    crowd,
  ]);
}

// One request to scale: the CPU's part and the waiting.
function requestStrip() {
  const cpu = node('div', { class: 'st-piece st-cpu' });
  const wait = node('div', { class: 'st-piece st-waiting' });
  const words = node('p', { class: 'st-aside' });
  const [clock, ticks] = [makeClock(), makeTicks()];
  return {
    strip: node('div', { class: 'st-strip st-thin' }, cpu, wait),
    ticks,
    words,
    draw({ figures: f }) {
      const end = clock.fit(f.wall_ms);
      const busy = Math.min(f.busy_ms, f.billed_ms);
      place(cpu, 0, busy / end);
      place(wait, busy / end, (f.billed_ms - busy) / end);
      drawTicks(ticks, end / 1000, 's');
      setText(words, `${show(f.busy_ms, 'ms')} of work, then the clock runs on to ${show(f.billed_ms, 'ms')}`);
    },
  };
}

// People waiting: a figure each, or for ten, a hundred, ...
function drawCrowd(crowd, waits) {
  let each = 1;
  while (waits / each > MANY) each *= 10;
  const shown = waits / each;
  const whole = Math.floor(shown);
  const key = `${each} ${shown.toFixed(1)}`;
  if (crowd.dataset.shown === key) return;
  crowd.dataset.shown = key;
  const people = Array.from({ length: whole }, () => person(1));
  if (shown - whole >= 0.05) people.push(person(shown - whole));
  if (each > 1) people.push(node('span', {}, `each stands for ${show(each, 'count')}`));
  crowd.replaceChildren(...people);
}

function person(part) {
  const one = node('span', { class: 'st-person' });
  one.style.setProperty('--part', `${part * 100}%`);
  return one;
}
