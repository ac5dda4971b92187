// Numbers in sentences: <st-value> follows the scenario, <st-input> lets a reader move it.

class ValueElement extends HTMLElement {
  connectedCallback() {
    const name = this.getAttribute('name');
    const unit = this.getAttribute('unit');
    const store = thePageStore();
    this.stop = subscribeInView(this, store, () => setText(this, show(store.read(name), unit)));
    this.dataset.ready = '';
  }

  disconnectedCallback() {
    this.stop();
  }
}

const PIXELS_A_STEP = 6;

class InputElement extends HTMLElement {
  connectedCallback() {
    const name = this.getAttribute('name');
    const unit = this.getAttribute('unit');
    const store = thePageStore();
    const knob = node('span', { class: 'st-knob' });
    const describe = makeSlider(knob, store, name);
    this.title = 'Drag, use the arrow keys, or type';
    this.replaceChildren(knob);
    this.scrub(knob, store, name);
    knob.addEventListener('keydown', (event) => {
      const types = /^[0-9.$]$/.test(event.key);
      if (!(types || event.key === 'Enter') || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.type(knob, store, name, types ? event.key : knob.textContent);
    });
    this.stop = store.subscribe(() => {
      setText(knob, show(store.values[name], unit));
      describe();
    });
    this.dataset.ready = '';
  }

  disconnectedCallback() {
    this.stop();
  }

  // Drag sideways to change the number; press and let go in place to type one.
  scrub(knob, store, name) {
    let from;
    let steps;
    followPointer(knob, {
      start() {
        from = store.values[name];
        steps = 0;
      },
      move(dx) {
        const wanted = Math.trunc(dx / PIXELS_A_STEP);
        if (wanted === 0 && steps === 0) return;
        steps = wanted || steps;
        let value = from;
        for (let k = 0; k < Math.abs(wanted); k += 1) {
          value = nudged(fieldNamed[name], value, Math.sign(wanted));
        }
        store.set({ [name]: value });
      },
      end: () => steps === 0 && this.type(knob, store, name, knob.textContent),
    });
  }

  type(knob, store, name, text) {
    const field = fieldNamed[name];
    const box = node('input', { class: 'st-typed', 'aria-label': field.label, value: text });
    box.size = Math.max(6, text.length + 1);
    let open = true;
    const close = (keep) => {
      if (!open) return;
      open = false;
      const read = { changes: {}, problems: [] };
      readField(read, field, box.value);
      box.remove();
      knob.hidden = false;
      if (keep && Number.isFinite(read.changes[name])) store.set(read.changes);
    };
    box.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== 'Escape') return;
      event.preventDefault();
      close(event.key === 'Enter');
      knob.focus();
    });
    box.addEventListener('blur', () => close(true));
    knob.hidden = true;
    knob.after(box);
    box.focus();
    if (text.length > 1) box.select();
  }
}
