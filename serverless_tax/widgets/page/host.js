// Where the widgets live: custom elements on a page of the book, or anywidget's render() in Jupyter.

const WIDGETS = { plumber, rectangle, meter, race, session, batching, market, ladder, decide, paste };

// A widget as one figure of the page: its parts, one line of controls, its caption.
function makeFigure(host, store, kind, draw, parts, extraControls = []) {
  const caption = node('figcaption');
  const announcer = makeAnnouncer();
  const controls = node('div', { class: 'st-controls' }, ...extraControls, ...scenarioControls(store));
  const figure = node('figure', { class: `st st-${kind}` }, ...parts, controls, caption, announcer.region);
  host.replaceChildren(figure);
  const stop = subscribeInView(figure, store, (changed) => {
    draw(changed);
    const text = fillCaption(CAPTIONS[kind], store);
    setText(caption, text);
    if (changed.length) announcer.say(text);
  });
  return { figure, stop };
}

// A figure that has more to stop than its drawing.
const alsoStop = (made, ...more) => ({ ...made, stop: () => [...more, made.stop].forEach((stop) => stop()) });

let pageStore = null;
const thePageStore = () => (pageStore ??= makePageStore());

class WidgetElement extends HTMLElement {
  connectedCallback() {
    this.figureOnPage = WIDGETS[this.dataset.kind](this, thePageStore());
    this.dataset.ready = '';
  }

  disconnectedCallback() {
    this.figureOnPage.stop();
  }
}

function startPage() {
  makeTablesReachable();
  thePageStore(); // before anything is drawn, so that nothing is drawn twice
  const elements = { 'st-widget': WidgetElement, 'st-value': ValueElement, 'st-input': InputElement };
  for (const [name, element] of Object.entries({ ...elements, 'st-predict': PredictElement })) {
    if (!customElements.get(name)) customElements.define(name, element);
  }
}

// A table that scrolls inside itself must be within a keyboard's reach.
function makeTablesReachable() {
  for (const table of document.querySelectorAll('.st-bill')) {
    const caption = table.querySelector('caption');
    table.setAttribute('tabindex', '0');
    table.setAttribute('role', 'region');
    table.setAttribute('aria-label', caption ? caption.textContent : 'a bill');
  }
}

// anywidget's entry; what it returns is called when the view goes away.
function render({ model, el }) {
  const store = makeTraitStore(model);
  const widget = WIDGETS[model.get('kind')](el, store);
  el.dataset.ready = '';
  return () => {
    widget.stop();
    store.close();
  };
}
