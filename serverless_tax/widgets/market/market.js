// The market: the same month on ten designs, ranked anew after every change.

const MARKET_KNOBS = ['requests_per_month', 'generate_ms', 'metered_cpu_ms_per_token', 'memory_mb', 'streams_per_vcpu'];
const SETTLED_MS = 400; // after the reader paused

function market(host, store) {
  const cheapest = bigNumber('');
  const lambda = bigNumber('AWS Lambda, a month');
  const waits = bigNumber('waiting at any moment', 'st-word-waiting');
  const panel = makePanel('What the open row is made of');
  const rows = MARKET.map((design) => marketRow(design, store, (row) => open(row)));
  const list = node('ol', { class: 'st-offers' }, ...rows.map(({ item }) => item));
  const crossings = node('p', { class: 'st-crossings st-told' });
  const knobs = MARKET_KNOBS.map((name) => labelledKnob(store, name));
  let opened = null;
  let timer = 0;
  list.style.setProperty('--rows', rows.length);

  function open(row) {
    opened = row;
    panel.open(row.element, (shown) => row.item.append(shown));
    panel.element.replaceChildren(...row.details);
    draw();
    tell();
    fit();
  }

  // The list is as high as its rows and the panel, so that ranking anew moves nothing else.
  const fit = () => list.style.setProperty('--panel', `${panel.element.offsetHeight + 1}px`);
  const watch = new ResizeObserver(fit);

  const inOrder = () =>
    [...rows].sort((a, b) => b.read('open') - a.read('open') || a.read('usd') - b.read('usd'));

  function draw() {
    const ranked = inOrder();
    const most = Math.max(...rows.map((row) => row.read('usd')));
    const below = ranked.indexOf(opened);
    ranked.forEach((row, rank) => {
      row.put(rank, rank > below ? 1 : 0);
      row.draw(most);
    });
    cheapest.show(show(ranked[0].read('usd'), 'usd'));
    setText(cheapest.what, `${ranked[0].design.name}, the cheapest here`);
    lambda.show(show(store.figures.market_aws_lambda_usd, 'usd'));
    waits.show(show(store.figures.waits_at_once, 'number'));
    knobs.forEach((knob) => knob.draw());
  }

  // Crossings are searched for, over thousands of months.
  function tell() {
    opened.tell();
    setText(crossings, crossingsInWords(rows));
    clearTimeout(timer);
    timer = setTimeout(settle, SETTLED_MS);
  }

  // Rows are tabbed through in the order seen, once it holds still.
  function settle() {
    const items = inOrder().map(({ item }) => item);
    const isSettled = items.every((item, k) => list.children[k] === item);
    if (!isSettled && !list.contains(document.activeElement)) list.append(...items);
  }

  open(rows[0]);
  const made = makeFigure(host, store, 'market', draw, [
    node('div', { class: 'st-numbers' }, cheapest.box, lambda.box, waits.box),
    list,
    keyOfBars(),
    crossings,
    node('div', { class: 'st-knobs' }, ...knobs.map((knob) => knob.box)),
  ], [], tell);
  watch.observe(panel.element);
  return alsoStop(made, () => clearTimeout(timer), () => watch.disconnect());
}

// One design: its bar, and what its month is made of, for when it is open.
function marketRow(design, store, onOpen) {
  const read = (end) => store.figures[`market_${design.slug}_${end}`];
  const bar = barRow(design.name, read, () => onOpen(row));
  const lines = design.lines.map(([dimension, label, unit]) => {
    const cells = [label, '', ''].map((text) => node('td', {}, text));
    return { dimension, unit, cells, line: node('tr', {}, ...cells) };
  });
  const row = {
    design,
    read,
    element: bar.element,
    item: node('li', {}, bar.element),
    details: [
      node('p', {}, design.waits),
      node('table', { class: 'st-lines' }, node('tbody', {}, ...lines.map(({ line }) => line))),
    ],
    put(rank, below) {
      if (row.at === `${rank} ${below}`) return;
      row.at = `${rank} ${below}`;
      row.item.style.setProperty('--rank', rank);
      row.item.style.setProperty('--below', below);
    },
    draw(most) {
      bar.draw(most);
      bar.tell(read('open') ? '' : 'cannot serve such long requests', !read('open'));
    },
    tell() {
      const told = addingUp(lines.map(({ dimension }) => read(`${dimension}_usd`)));
      lines.forEach((line, k) => drawLine(line, read, told[k]));
    },
  };
  return row;
}

function drawLine({ dimension, unit, cells, line }, read, told) {
  const amount = read(`${dimension}_amount`);
  line.hidden = !read(`${dimension}_usd`);
  const several = amount !== 1 && unit !== unit.toUpperCase();
  setText(cells[1], `${show(amount, 'count')} ${unit}${several ? 's' : ''}`);
  setText(cells[2], told);
}

// From where on what costs less than the function, where it is exact.
function crossingsInWords(rows) {
  return rows
    .filter(({ design, read }) => design.crosses && Number.isFinite(read('from_requests')))
    .map(({ design, read }) => `${design.name} ${fill(CROSSES.from, (end) => (end === 'from_requests' ? Math.ceil(read(end)) : read(end)))}`)
    .join(' ') || CROSSES.none;
}
