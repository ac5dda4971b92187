// anywidget's side: a widget in Jupyter, whose traits are its scenario.

// The traits of a Jupyter widget as a store: a change on either side moves the other. What a model
// lacks is its preset's.
function makeTraitStore(model) {
  const names = FIELDS.map((field) => field.name).filter((name) => model.get(name) !== undefined);
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

// anywidget's entry; what it returns is called when the view goes away.
function render({ model, el }) {
  const store = makeTraitStore(model);
  const widget = WIDGETS[model.get('kind')].make(el, store);
  el.dataset.ready = '';
  return () => {
    widget.stop();
    store.close();
  };
}
