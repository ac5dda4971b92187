// A labelled number under a figure: dragged along a line, moved by the arrow keys.

// In equal ratios where the field spans many sizes, in equal steps where it does not.
function knobScale(field) {
  const low = field.low > 0 ? field.low : Math.max(field.step, field.high / 1e5);
  const wide = field.high / low >= 50; // memory too: a doubling is a doubling anywhere
  const share = (value) => {
    if (!wide) return (value - field.low) / (field.high - field.low);
    return value <= low ? 0 : Math.log(value / low) / Math.log(field.high / low);
  };
  const value = (at) => {
    if (!wide) return dragged(field, field.low + at * (field.high - field.low), field.high - field.low);
    if (at <= 0) return field.low;
    if (at >= 1) return field.high;
    const unit = Math.min(field.step, 1); // calls are whole
    const meant = Number((low * (field.high / low) ** at).toPrecision(2));
    return clamp(rounded(Math.round(meant / unit) * unit), field.low, field.high);
  };
  return { share, value };
}

function labelledKnob(store, name) {
  const field = fieldNamed[name];
  const scale = () => knobScale(boundedBy(field, store.values));
  const line = node('div', { class: 'st-line' });
  const grip = makeGrip({
    area: line,
    axes: [],
    at: () => ({ x: scale().share(store.values[name]), y: 0 }),
    put(share) {
      if (share) store.set({ [name]: scale().value(share.x) });
    },
  });
  const describe = makeSlider(grip, store, name);
  line.append(grip);
  const told = node('strong', {});
  let drawn = null;
  return {
    box: node('div', { class: 'st-labelled' }, node('span', {}, `${field.label} `, told), line),
    draw() {
      setText(told, store.unknown.has(name) ? 'unknown' : showField(field, store.values[name]));
      const at = clamp(scale().share(store.values[name]), 0, 1);
      describe();
      if (at !== drawn) grip.stand(at);
      drawn = at;
    },
  };
}

// Yes and no to a question, and that nobody knows, of what may be unknown.
function answerSwitch(store, name) {
  const answers = [['Yes', 1], ['No', 0], ['Unknown', null]].slice(0, UNKNOWABLE.includes(name) ? 3 : 2);
  const every = answers.map(([label, value]) => {
    const one = button(label, () => store.set({ [name]: value }));
    return { one, value };
  });
  return {
    buttons: every.map(({ one }) => one),
    draw() {
      const now = store.unknown.has(name) ? null : store.values[name];
      every.forEach(({ one, value }) => one.setAttribute('aria-pressed', value === now));
    },
  };
}
