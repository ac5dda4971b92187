// Moving a quantity: by pointer, by finger, by keyboard. Every grip and every knob is a slider.

// The step of an arrow key: two digits' worth of the value, so that it suits 2 ms and 10 million.
function stepAt(field, value) {
  if (field.unit === 'mb') return 64;
  if (field.unit === 'min') return field.step;
  const fitting = value > 0 ? 10 ** (Math.floor(Math.log10(value)) - 1) : 0;
  return Math.max(field.step, fitting);
}

// The next round value up (`times` > 0) or down from here.
function nudged(field, value, times) {
  const step = stepAt(field, value) * Math.abs(times);
  const k = value / step;
  const next = (times > 0 ? Math.floor(k + 1e-9) + 1 : Math.ceil(k - 1e-9) - 1) * step;
  return clamp(rounded(next), field.low, field.high);
}

// Without the stray last bits of a product such as 3 * 0.1.
const rounded = (value) => Number(value.toPrecision(12));

// The value of a field, rounded as a pointer can mean it: to a hundredth of what is on the axis.
function dragged(field, value, end) {
  const step = Math.max(field.step, 10 ** Math.floor(Math.log10(end / 300)));
  return clamp(rounded(Math.round(value / step) * step), field.low, field.high);
}

const BIG = 5;

const isCommand = (event) => event.altKey || event.ctrlKey || event.metaKey;

// What a key means for a slider: a new value, or null if the key is not ours.
function valueAfterKey(event, field, value) {
  if (isCommand(event)) return null;
  const size = event.shiftKey ? BIG : 1;
  switch (event.key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return nudged(field, value, size);
    case 'ArrowLeft':
    case 'ArrowDown':
      return nudged(field, value, -size);
    case 'PageUp':
      return nudged(field, value, BIG);
    case 'PageDown':
      return nudged(field, value, -BIG);
    case 'Home':
      return field.low;
    case 'End':
      return field.high;
    default:
      return null;
  }
}

// A message carries at most the whole answer.
function boundedBy(field, { output_tokens: tokens }) {
  return field.name === 'tokens_per_message' ? { ...field, high: clamp(tokens, 2, field.high) } : field;
}

// Makes an element a slider over one field of the store; returns how to renew what it says.
function makeSlider(element, store, name, label = fieldNamed[name].label) {
  const field = fieldNamed[name];
  setAll(element, { role: 'slider', tabindex: '0', 'aria-label': label, 'aria-valuemin': field.low });
  element.addEventListener('keydown', (event) => {
    const value = valueAfterKey(event, boundedBy(field, store.values), store.values[name]);
    if (value === null) return;
    event.preventDefault();
    store.set({ [name]: value });
  });
  let said = null;
  return () => {
    const value = store.values[name];
    const { high } = boundedBy(field, store.values);
    if (said === `${value} ${high}`) return;
    said = `${value} ${high}`;
    setAll(element, { 'aria-valuemax': high, 'aria-valuenow': value, 'aria-valuetext': showField(field, value) });
  };
}

// Follows a pointer from press to release: `move(x, y)` gets the distance in pixels from the press, at
// most once a frame.
function followPointer(element, { start, move, end }) {
  element.addEventListener('pointerdown', (press) => {
    if (press.button !== 0) return;
    press.preventDefault();
    element.focus({ preventScroll: true });
    element.setPointerCapture(press.pointerId);
    start();
    let latest = null;
    let frame = 0;
    const follow = () => {
      cancelAnimationFrame(frame);
      frame = 0;
      if (latest) move(latest.clientX - press.clientX, latest.clientY - press.clientY);
      latest = null;
    };
    const onMove = (event) => {
      latest = event;
      frame ||= requestAnimationFrame(follow);
    };
    const stop = () => {
      element.removeEventListener('pointermove', onMove);
      follow();
      end();
    };
    element.addEventListener('pointermove', onMove);
    element.addEventListener('lostpointercapture', stop, { once: true });
  });
}

// A grip on an axis of `area`. `at()` is where it stands, as a share of the axis; `put(share)` moves
// it there. `axes` are held still while it is dragged. `grip.stand(x, y)` draws it at shares of the
// area's width and height.
function makeGrip({ area, axes, direction = 'x', at, put }) {
  const grip = node('div', { class: `st-grip st-grip-${direction}` });
  let from;
  let size;
  let stands = [];
  let stood = null; // when it was pressed; from there it moves as a picture, and nothing is laid out
  let release;
  grip.stand = (...shares) => {
    stands = shares;
    if (stood) grip.style.translate = shares.map((share, k) => `${(share - stood[k]) * (k ? size.y : size.x)}px`).join(' ');
    else shares.forEach((share, k) => { grip.style[k ? 'top' : 'left'] = `${100 * share}%`; });
  };
  followPointer(grip, {
    start() {
      from = at();
      const box = area.getBoundingClientRect();
      size = { x: box.width, y: box.height };
      stood = stands;
      release = holdSize(grip.closest('.st'));
      for (const axis of axes) axis.held = true;
      grip.classList.add('st-held');
    },
    move(dx, dy) {
      const share = (start, distance) => clamp(start + distance, 0, 1);
      put({ x: share(from.x, dx / size.x), y: share(from.y, -dy / size.y) });
    },
    end() {
      for (const axis of axes) axis.held = false;
      grip.classList.remove('st-held');
      release();
      stood = null;
      grip.style.translate = '';
      grip.stand(...stands);
      put(null); // let go: axes may fit anew
    },
  });
  return grip;
}

// Keeps a figure as large as it is, so that what changes in it lays out nothing else; returns how to
// let it go.
function holdSize(figure) {
  const { height } = figure.getBoundingClientRect();
  Object.assign(figure.style, { height: `${height}px`, contain: 'size layout' });
  return () => Object.assign(figure.style, { height: '', contain: '' });
}

// A grip on a clock, at `placeMs()`; dragged to another time it sets a field to `fieldMs(time)`.
function timeGrip(store, name, area, axis, placeMs, fieldMs, release) {
  const share = () => placeMs() / axis.end;
  const put = (to) =>
    to ? store.set({ [name]: dragged(fieldNamed[name], fieldMs(to.x * axis.end), axis.end) }) : release();
  const grip = makeGrip({ area, axes: [axis], at: () => ({ x: share(), y: 0 }), put });
  const say = makeSlider(grip, store, name);
  const describe = () => {
    grip.stand(share());
    say();
  };
  return { grip, describe };
}
