// The scenario: one for a page, or one for each widget in Jupyter. Everything on show reads it.

// A store holds `values` (what a reader can set) and `figures` (what follows from them, computed when
// it is asked for), and calls its subscribers after each change with the names that changed.
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
    store.figures = figuresOf({ ...store.values });
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
