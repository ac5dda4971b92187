// A function's numbers, the advice on them, and a receipt that can be kept as a picture.

function slip(host, store) {
  const hint = node('p', { class: 'st-aside', role: 'status' });
  const facts = FACTS.map(([name, label]) => typedFact(store, name, label, hint));
  const advice = node('p', { class: 'st-advice' });
  const [then, sum, assumed, command] = [node('p'), node('p'), node('ul', { class: 'st-sum' }), node('code')];
  const slip = shape('svg', { class: 'st-paper', 'aria-hidden': 'true', style: 'background: white' });
  const paper = node('div', { role: 'img' }, slip);
  let said = null;
  const draw = () => {
    said = adviceOf(ADVICE, CHANGES, store.facts());
    setText(advice, said.first);
    setText(then, said.rest);
    setText(sum, said.sum);
    setText(hint, HINT);
    facts.forEach((fact) => fact.draw());
    const lines = linesOf(said, store);
    drawSlip(slip, lines);
    paper.ariaLabel = lines.filter(isText).flat().join(' ');
  };
  const tell = () => {
    setText(command, commandFor(store));
    assumed.replaceChildren(...assumedOf(ADVICE, store.facts(), said).map((text) => node('li', {}, text)));
    if (said.noEnd) return NOT_KNOWN;
    if (!isRange(said, store)) return '';
    const [now, waiting] = ['', '_waiting'].map((part) => rangeOf(said, (f) => f[`rung_as_it_is${part}_usd`]));
    return putInto(IN_A_RANGE, { now, waiting, of: store.facts().requests_per_month ? 'a month' : 'for a million requests' });
  };
  return makeFigure(host, store, 'slip', draw, [
    node('div', { class: 'st-and-receipt' },
      node('div', {},
        ...facts.map(({ box }) => box),
        hint,
        advice,
        then,
        node('details', {}, node('summary', {}, 'The sum'), sum, assumed)),
      paper),
    node('p', { class: 'st-aside' }, 'On the command line: ', command),
  ], [button('Save the picture', () => save(slip))], tell);
}

// A number to type; an empty box is unknown. What cannot be is said in the hint, and changes nothing.
function typedFact(store, name, label, hint) {
  const field = { ...fieldNamed[name], label };
  const box = node('input', { class: 'st-typed', 'aria-label': label, placeholder: 'unknown', size: 11 });
  // What is typed is all of its kind.
  const none = {
    receive_ms: { prompt_ms: 0, call_ms: 0, cpu_ms_per_output_token: 0, unsplit: 0 },
    generate_ms: { retrieve_ms: 0 },
  }[name];
  box.addEventListener('change', () => {
    const read = { changes: {}, problems: [] };
    readField(read, field, box.value.trim() || 'unknown');
    const { changes, problems } = read;
    store.set(name in changes ? { ...changes, ...none } : changes);
    setText(hint, problems.join(' ') || HINT);
    draw();
  });
  const draw = () => {
    const text = shownFact(store, name);
    box.value = text === 'unknown' ? '' : text;
  };
  return { box: node('label', { class: 'st-fact' }, label, box), draw };
}

function shownFact(store, name) {
  const { values: v, unknown } = store;
  const isUnsplit = name === 'receive_ms' && v.unsplit;
  if (isUnsplit || unknown.has(name) || (ZERO_IS_UNKNOWN.includes(name) && !v[name])) return 'unknown';
  const work = v.receive_ms + v.prompt_ms + v.call_ms + v.output_tokens * v.cpu_ms_per_output_token;
  return showField(fieldNamed[name], name === 'receive_ms' ? work : v[name]);
}

const HINT = 'Leave empty what you do not know: the advice then asks for it.';
const LETTERS = 38; // in a line
const LINE = 20;
const WIDTH = 360;
const MARGIN = 20;
const RULE = 'rule';
const isText = (line) => line !== RULE && typeof line[0] === 'string';

// What stands on the receipt: what is given, what it costs, what to do.
function linesOf(said, store) {
  const of = (read) => rangeOf(said, read);
  const [now, fees] = ['rung_as_it_is_usd', 'rung_as_it_is_fees_usd'];
  const parts = {
    Fees: (f) => f[fees],
    Work: (f) => f.rung_as_it_is_work_usd - f[fees],
    Waiting: (f) => f.rung_as_it_is_waiting_usd,
  };
  const { retrieve_ms: lookup } = store.values;
  return [
    ['THE SERVERLESS TAX'],
    ...wrapped(`AWS Lambda, ${ADVICE.assumes.prices}`),
    RULE,
    ...FACTS.map(([name, label]) => [label, shownFact(store, name)]),
    ...(lookup ? [['Other waits', show(lookup, 'ms')]] : []),
    RULE,
    // The fees depend on the requests alone, however long each takes.
    ...Object.entries(parts).map(([label, read]) => [label, label === 'Fees' ? rangeOf({ ...said, noEnd: 0 }, read) : of(read)]),
    [store.facts().requests_per_month ? 'A month' : 'A million', of((f) => f[now])],
    // A range, or what is not known, has no one shape.
    ...(/unknown| to /.test(of(parts.Waiting)) ? [] : [Object.values(parts).map((read) => read(said.most.f) / said.most.f[now])]),
    RULE,
    ...wrapped(said.first),
  ];
}

function wrapped(text) {
  const lines = [''];
  for (const word of text.split(/ (?!(?:[mKMG]?[sB]|min|%)(?!\w))/)) { // a number keeps its unit
    if (lines.at(-1).length + word.length >= LETTERS) lines.push('');
    lines[lines.length - 1] += ` ${word}`;
  }
  return lines.map((line) => [line.trim()]);
}

function shape(tag, attributes, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAll(made, attributes);
  made.textContent = text;
  return made;
}

function drawSlip(slip, lines) {
  const height = 2 * MARGIN + lines.length * LINE;
  const right = WIDTH - MARGIN;
  const pattern = shape('pattern', { id: 'st-slip-hatch', width: 8, height: 8, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' });
  pattern.append(shape('rect', { width: 4, height: 8, fill: PAINT.waiting }));
  const drawn = lines.flatMap((line, k) => {
    const y = MARGIN + LINE * k + 14;
    if (line === RULE) return [shape('path', { d: `M${MARGIN} ${y - 5}H${right}`, stroke: 'black', 'stroke-dasharray': 4 })];
    if (!isText(line)) return barOf(line, y - 12);
    const bold = { 'font-weight': k === 0 || /^A m/.test(line[0]) ? 700 : 400 };
    const [left, end] = line;
    return [shape('text', { x: MARGIN, y, 'text-anchor': 'start', ...bold }, left),
      ...(end ? [shape('text', { x: right, y, 'text-anchor': 'end', ...bold }, end)] : [])];
  });
  setAll(slip, {
    viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, 'font-family': 'monospace', 'font-size': 14,
  });
  renew(slip, [pattern, ...drawn]);
}

// Changes what is there into what was made: a letter that stays is the same element.
function renew(slip, made) {
  const there = [...slip.children];
  made.forEach((one, k) => {
    const old = there[k];
    if (old?.tagName !== one.tagName) return old ? old.replaceWith(one) : slip.append(one);
    for (const { name, value } of one.attributes) old.setAttribute(name, value);
    if (one.tagName === 'text') setText(old, one.textContent);
  });
  there.slice(made.length).forEach((one) => one.remove());
}

// The bill to scale: fees, work, waiting.
function barOf(shares, y) {
  let x = MARGIN;
  return [PAINT.fees, PAINT.cpu, 'url(#st-slip-hatch)'].map((fill, k) => {
    const width = shares[k] * (WIDTH - 2 * MARGIN);
    const piece = shape('rect', { x, y, width, height: 14, fill, stroke: 'black', 'stroke-width': 0.5 });
    x += width;
    return piece;
  });
}

// The receipt as it stands, twice as large, as a file.
async function save(slip) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(slip))}`;
  await image.decode();
  const to = node('canvas', { width: 2 * image.width, height: 2 * image.height });
  to.getContext('2d').drawImage(image, 0, 0, to.width, to.height);
  to.toBlob((blob) => download('receipt.png', blob));
}
