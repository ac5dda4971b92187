// Rows of a ranking, each a button with a name, a price and a bar; one of them is open, and tells more.

const BAR_PARTS = [['work', 'cpu'], ['waiting', 'waiting'], ['idle', 'idle']];

// `read('usd')` and `read('waiting_usd')` are the row's amounts; a click calls `onOpen`.
function barRow(title, read, onOpen) {
  const pieces = BAR_PARTS.map(([, kind]) => node('span', { class: `st-piece st-${kind}` }));
  const told = node('strong', { class: 'st-told' });
  const note = node('span', { class: 'st-note-on-row st-told' });
  const element = node('button', { type: 'button', class: 'st-bar', 'aria-expanded': 'false', onclick: onOpen },
    node('span', { class: 'st-name' }, title), told, node('span', { class: 'st-track' }, ...pieces), note);
  return {
    element,
    draw(most, said, faded) {
      let from = 0;
      BAR_PARTS.forEach(([part], k) => {
        const usd = read(`${part}_usd`);
        place(pieces[k], from / most, usd / most);
        from += usd;
      });
      setText(told, show(read('usd'), 'usd'));
      setText(note, said);
      element.classList.toggle('st-faded', faded);
    },
  };
}

// What the open row says: a panel of its own size, which moves below the row that is opened.
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
