// The scenario: one for a page, or one for each widget in Jupyter. Everything on show reads it.

// A store holds `values` (what a reader can set) and `figures` (what follows from them, computed when
// it is asked for), and calls its subscribers after each change with the names that changed. The facts in `unknown` are known
// to nobody.
function makeStore(preset = 'article', changes = {}) {
  const subscribers = new Set();
  const store = { start: { preset, changes }, preset, values: {}, figures: {}, unknown: new Set() };

  store.set = (wanted) => {
    const changed = [];
    for (const [name, value] of Object.entries(wanted)) {
      const field = fieldNamed[name];
      if (value === null) {
        if (!store.unknown.has(name)) changed.push(name);
        store.unknown.add(name);
        continue;
      }
      const kept = clamp(value, field.low, field.high);
      if (store.unknown.delete(name)) changed.push(name);
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
    store.set(all);
    store.set(and);
  };

  // What is known: a fact that is not is null, and what is drawn for it stays the last number.
  store.facts = () => ({ ...store.values, ...Object.fromEntries([...store.unknown].map((name) => [name, null])) });

  store.reset = () => store.choose(store.start.preset, store.start.changes);

  store.read = (name) => (name in store.values ? store.values[name] : store.figures[name]);

  // Draws once now; returns how to stop.
  store.subscribe = (draw) => {
    subscribers.add(draw);
    draw([]);
    return () => subscribers.delete(draw);
  };

  store.isUntouched = () => !store.unknown.size &&
    FIELDS.every(({ name }) => {
      const first = { ...SCENARIOS[store.start.preset], ...store.start.changes };
      return store.values[name] === first[name];
    });

  store.choose(preset, changes);
  return store;
}
