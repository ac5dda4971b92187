// The store of a page, which follows the page's address.

let pageStore = null;
const thePageStore = () => (pageStore ??= makePageStore());

// It reads the address on load, and when a reader pastes or follows another one.
function makePageStore() {
  const first = document.querySelector('st-widget[data-scenario]');
  const preset = first ? first.dataset.scenario : 'article';
  const changes = first && first.dataset.changes ? JSON.parse(first.dataset.changes) : {};
  const store = makeStore(preset, changes);
  store.hasAddress = true;
  const follow = () => {
    const read = readAddress(location.hash);
    if (!read) return;
    if (read.preset) store.choose(read.preset, read.changes);
    else store.choose(preset, { ...changes, ...read.changes });
    const drawn = FIELDS.filter(({ name, unit }) => store.unknown.has(name) && unit !== 'switch');
    const unknown = drawn.map(({ label }) => `Unknown: ${label}; a figure draws the book’s own.`);
    tellAboutAddress(store, [...unknown, ...read.problems]);
  };
  follow();
  addEventListener('hashchange', follow);
  for (const kind of ['pointerdown', 'click']) addEventListener(kind, (event) => keepFacts(store, event.target));
  return store;
}

// A link to another page of the book takes along what the reader has set, beside the section it leads
// to; one that says a scenario of its own is left as it is.
function keepFacts(store, target) {
  const link = target.closest?.('a[href]');
  if (!link || link.host !== location.host || !link.pathname.endsWith('.html')) return;
  if (link.pathname === location.pathname) return;
  const own = (link.dataset.section ??= link.hash);
  if (own.startsWith('#st?')) return;
  const facts = addressOf(store);
  link.hash = facts ? facts + own.replace('#', '&at=') : own;
}

// One banner below the page's title: an address may have changed every number on the page, and a
// value that could not be used must not be dropped in silence.
function tellAboutAddress(store, problems) {
  document.querySelectorAll('.st-note').forEach((old) => old.remove());
  const note = node('div', { class: 'st-note', role: 'status' });
  note.append(
    node('p', {}, 'This page shows the scenario in its address, not the book’s own.'),
    ...problems.map((text) => node('p', {}, text)),
    button('Back to the book’s figures', () => {
      store.reset();
      note.remove();
    }),
  );
  const title = document.querySelector('h1');
  if (title) title.after(note);
  else document.body.prepend(note);
}
