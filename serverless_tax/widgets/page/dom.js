// Small tools to build a figure out of elements.

// node('p', {class: 'x', onclick: f}, 'text', child): an element with attributes and children.
function node(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

const button = (label, onclick) => node('button', { type: 'button', class: 'st-button', onclick }, label);

const setAll = (element, attributes) => {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
};

// Writes into the text that is there: a new one would be styled anew too. No line ends between a number
// and its unit, and an apostrophe is curved, as serverless_tax/book/typeset.py has it.
function setText(element, said) {
  const text = `${said}`.replace(/(\d) (?=(?:[mKMG]?[sB]|min|%)(?!\w))/g, '$1\u00a0').replace(/\b'\b/g, '’');
  const there = element.firstChild;
  if (!there || there.nextSibling || !('data' in there)) element.textContent = text;
  else if (there.data !== text) there.data = text;
}

// Puts a piece at a share of its strip; a piece that exists is never thinner than a hairline.
function place(piece, from, length) {
  piece.style.left = `${from * 100}%`;
  piece.style.width = `max(${length > 0 ? 1 : 0}px, ${length * 100}%)`;
}

// A figure's number, its unit and what it is: `number.show('$811.33')` renews it.
function bigNumber(what, concept = '') {
  const value = node('strong', { class: 'st-big' });
  const words = node('span', { class: 'st-what' }, what);
  const box = node('div', { class: `st-number ${concept}` }, value, words);
  return { box, what: words, show: (text) => setText(value, text) };
}

// Says a sentence to screen readers, once the reader has stopped moving things for a while.
function makeAnnouncer() {
  const region = node('p', { class: 'st-hidden', role: 'status', 'aria-live': 'polite' });
  let timer = 0;
  const say = (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => setText(region, text), 400);
  };
  return { region, say };
}

// The end of an axis: the smallest of `ends` beyond the value. It holds still while a reader drags,
// and moves out when the grip is let go at the edge, so that lengths and areas stay to scale.
function makeAxis(...ends) {
  const axis = { end: ends[0], held: false };
  axis.fit = (value) => {
    if (!axis.held) axis.end = ends.find((end) => end > value * 1.001) || ends[ends.length - 1];
    return axis.end;
  };
  return axis;
}

// The axis of a request's time, in ms.
const makeClock = () => makeAxis(6000, 12_000, 24_000, 45_000, 90_000, 240_000, 1_200_000);

const makeTicks = () => node('div', { class: 'st-ticks', 'aria-hidden': 'true' });

// Labels at each third of a strip's axis.
function drawTicks(box, end, unit) {
  const key = `${end} ${unit}`;
  if (box.dataset.end === key) return;
  box.dataset.end = key;
  box.replaceChildren(
    ...[0, 1, 2, 3].map((k) => {
      const tick = node('span', {}, show((end * k) / 3, unit));
      tick.style.left = `${(100 * k) / 3}%`;
      return tick;
    }),
  );
}

// Dollars as a bill lists them: the twin of `adding_up` in serverless_tax/ground/show.py.
function addingUp(amounts) {
  if (amounts.some((usd) => usd > 0 && usd < 0.01)) return amounts.map((usd) => show(usd, 'usd'));
  let [sum, before] = [0, 0];
  return amounts.map((usd) => {
    sum += usd;
    const cents = Math.round(sum * 100) - before;
    before += cents;
    return show(cents / 100, 'usd');
  });
}

// Fills a sentence's `{month_usd:usd}`; a caption's is read from the store.
const fill = (text, read) => text.replace(/\{(\w+):(\w+)\}/g, (_, name, unit) => show(read(name), unit));
const fillCaption = (text, store) => fill(text, store.read);

const reducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

// Reset and copy link, for the one line of controls under a figure.
function scenarioControls(store) {
  const controls = [button('Reset', store.reset)];
  if (store.hasAddress) controls.push(...linkControls(store));
  return controls;
}

function linkControls(store) {
  const said = node('span', { class: 'st-said', role: 'status' });
  const copy = async () => {
    const hash = addressOf(store);
    const address = location.href.replace(/#.*$/s, '') + hash;
    try {
      history.replaceState(history.state, '', address);
    } catch {
      // A page opened from disk may not be allowed to; the link itself is what was asked for.
    }
    try {
      await navigator.clipboard.writeText(address);
      said.replaceChildren('Copied.');
    } catch {
      const field = node('input', { class: 'st-link', readonly: true, value: address });
      field.setAttribute('aria-label', 'Link to this scenario');
      said.replaceChildren('Copy this link: ', field);
      field.focus();
      field.select();
    }
  };
  store.subscribe((changed) => changed.length && said.replaceChildren());
  return [button('Copy link', copy), said];
}

// An SVG that stretches with its box, with one path in it.
function makeSvg(kind, viewBox) {
  const make = (name) => document.createElementNS('http://www.w3.org/2000/svg', name);
  const root = make('svg');
  setAll(root, { class: kind, 'aria-hidden': 'true', viewBox, preserveAspectRatio: 'none' });
  return { root, shape: root.appendChild(make('path')) };
}

function download(name, blob) {
  const href = URL.createObjectURL(blob);
  node('a', { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
