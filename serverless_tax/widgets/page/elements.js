// Where the widgets live on a page of the book: custom elements.

class WidgetElement extends HTMLElement {
  connectedCallback() {
    this.figureOnPage = WIDGETS[this.dataset.kind].make(this, thePageStore());
    this.dataset.ready = '';
  }

  disconnectedCallback() {
    this.figureOnPage.stop();
  }
}

function bringToLife(elements) {
  thePageStore(); // before anything is drawn, so that nothing is drawn twice
  for (const [name, element] of Object.entries(elements)) {
    if (!customElements.get(name)) customElements.define(name, element);
  }
}
