// The widgets that stand here, by kind: what makes one, and its sentence. Each comes with its script.
const WIDGETS = {};

// A widget as one figure of the page: its parts, one line of controls, its caption. What changes at
// each step of a drag is in `draw`; what is read when the reader pauses, as the caption is, in `tell`,
// which may return another caption.
function makeFigure(host, store, kind, draw, parts, extraControls = [], tell = () => {}) {
  const caption = node('figcaption');
  const { region, say } = makeAnnouncer();
  const controls = node('div', { class: 'st-controls' }, ...extraControls, ...scenarioControls(store));
  // What plays has its buttons at the foot of a phone's screen: below its first part, its headline.
  const [first, ...rest] = [...parts, controls];
  const below = controls.querySelector('.st-play') ? [node('div', { class: 'st-body' }, ...rest)] : rest;
  const figure = node('figure', { class: `st st-${kind}` }, first, ...below, caption, region);
  host.replaceChildren(figure);
  const stop = subscribeInView(figure, store, draw, (changed) => {
    const text = tell() || fillCaption(WIDGETS[kind].caption, store);
    setText(caption, text);
    figure.ariaLabel = text;
    const advice = figure.querySelector('.st-advice, .st-stop:not([hidden])')?.textContent;
    if (changed.length) say([...new Set([advice, text])].join(' ').trim());
  });
  return { figure, stop };
}

// A figure that has more to stop than its drawing.
const alsoStop = (made, ...more) => ({ ...made, stop: () => [...more, made.stop].forEach((stop) => stop()) });
