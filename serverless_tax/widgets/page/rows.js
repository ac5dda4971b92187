// Rows of a ranking, each with a price and a bar; one is open and tells more.

// Fees are a part of what the model calls work: paid by the piece, whatever the CPU did.
const BAR_PARTS = [['work', 'cpu'], ['fees', 'fees'], ['waiting', 'waiting'], ['idle', 'idle']];

// `read('usd')` and `read('waiting_usd')` are the row's amounts; a click calls `onOpen`.
function barRow(title, read, onOpen) {
  const track = node('span', { class: 'st-track' });
  const [told, note] = [node('span'), node('span')];
  const noted = node('span', { class: 'st-note-on-row st-told' }, note);
  let drawn = '';
  const element = node('button', { type: 'button', class: 'st-bar', 'aria-expanded': 'false', onclick: onOpen },
    node('span', { class: 'st-name' }, title), node('strong', { class: 'st-told' }, told), track, noted);
  return {
    element,
    draw(most) {
      const [work, fees, waiting, idle] = BAR_PARTS.map(([part]) => read(`${part}_usd`) / most);
      const wanted = sizesOfTrack(work - fees, fees && work, work + waiting, work + waiting + idle);
      if (wanted !== drawn) track.style.backgroundSize = wanted;
      drawn = wanted;
      setText(told, show(read('usd'), 'usd'));
    },
    tell(said, faded) {
      setText(note, said);
      if (noted.hidden === Boolean(said)) noted.hidden = !said;
      element.classList.toggle('st-faded', faded);
    },
  };
}

// The four parts are backgrounds, one behind the other, each to its end: nothing is laid out anew.
// A hundredth of a percent is less than a pixel: what moves by less is not painted again.
function sizesOfTrack(...ends) {
  const [work, fees, waiting, idle] = ends.map((end) => `max(${end > 1e-9 ? 1 : 0}px, ${(100 * end).toFixed(2)}%) 100%`);
  return `${work}, ${fees}, ${waiting}, ${waiting}, ${idle}`;
}

// What the open row says: a panel that moves below the row that is opened.
function makePanel(label) {
  const element = node('div', { class: 'st-panel st-told', role: 'region', 'aria-label': label });
  let opener = null;
  return {
    element,
    open(button, put) {
      if (opener) opener.setAttribute('aria-expanded', 'false');
      opener = button;
      opener.setAttribute('aria-expanded', 'true');
      put(element);
    },
  };
}

// Which words belong to which colour, where there is idle capacity too.
const keyOfBars = () =>
  node('p', { class: 'st-key' }, ...BAR_PARTS.map(([part, kind]) => node('span', { class: `st-word-${kind}` }, part)));
