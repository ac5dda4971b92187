// The scenario: one for a page, or one for each widget in Jupyter. Everything on show reads it.

// A store holds `values` (what a reader can set) and `figures` (what follows from them), and calls
// its subscribers after each change with the names that changed.
function makeStore(preset = 'article', changes = {}) {
  const subscribers = new Set();
  const store = { start: { preset, changes }, preset, values: {}, figures: {} };

  store.set = (wanted) => {
    const changed = [];
    for (const [name, value] of Object.entries(wanted)) {
      const field = fieldNamed[name];
      const kept = clamp(value, field.low, field.high);
      if (Number.isFinite(kept) && kept !== store.values[name]) {
        store.values[name] = kept;
        changed.push(name);
      }
    }
    if (!changed.length) return;
    store.figures = figures(store.values, PRICES);
    for (const draw of [...subscribers]) draw(changed);
  };

  store.choose = (name, and = {}) => {
    store.preset = name;
    const all = { ...store.values };
    for (const field of FIELDS) all[field.name] = SCENARIOS[name][field.name];
    store.set({ ...all, ...and });
  };

  store.reset = () => store.choose(store.start.preset, store.start.changes);

  store.read = (name) => (name in store.values ? store.values[name] : store.figures[name]);

  // Draws once now; returns how to stop.
  store.subscribe = (draw) => {
    subscribers.add(draw);
    draw([]);
    return () => subscribers.delete(draw);
  };

  store.isUntouched = () =>
    FIELDS.every(({ name }) => {
      const first = { ...SCENARIOS[store.start.preset], ...store.start.changes };
      return store.values[name] === first[name];
    });

  store.choose(preset, changes);
  return store;
}

// Draws a figure while it is in view; what it missed, once seen or printed.
function subscribeInView(figure, store, draw) {
  let seen = true;
  let missed = false;
  const catchUp = () => {
    if (missed) draw([]);
    missed = false;
  };
  const watcher = new IntersectionObserver((entries) => {
    seen = entries.at(-1).isIntersecting;
    if (seen) catchUp();
  }, { rootMargin: '50%' });
  watcher.observe(figure);
  addEventListener('beforeprint', catchUp);
  const stop = store.subscribe((changed) => {
    if (seen) draw(changed);
    else missed = true;
  });
  return () => {
    watcher.disconnect();
    removeEventListener('beforeprint', catchUp);
    stop();
  };
}

// A page's store follows the address: on load, and when a reader pastes or follows another one.
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
    tellAboutAddress(store, read.problems);
  };
  follow();
  addEventListener('hashchange', follow);
  return store;
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
  // The theme keeps a second, hidden title for printing.
  const title = [...document.querySelectorAll('h1')].find((one) => one.getClientRects().length);
  if (title) title.after(note);
  else document.body.prepend(note);
}

// The traits of a Jupyter widget as a store: a change on either side moves the other.
function makeTraitStore(model) {
  const names = FIELDS.map((field) => field.name);
  const traits = () => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const store = makeStore(model.get('preset'), traits());
  const pull = () => store.set(traits());
  names.forEach((name) => model.on(`change:${name}`, pull));
  const stopPushing = store.subscribe((changed) => {
    if (!changed.length) return;
    for (const name of changed) model.set(name, store.values[name]);
    model.save_changes();
  });
  store.close = () => {
    stopPushing();
    names.forEach((name) => model.off(`change:${name}`, pull));
  };
  return store;
}
