// The market: the same month on ten designs, ranked anew after every change.

const MARKET_KNOBS = ['requests_per_month', 'generate_ms', 'cpu_ms_per_output_token', 'memory_mb', 'streams_per_vcpu'];
const MARKET_PARTS = [['work', 'cpu'], ['waiting', 'waiting'], ['idle', 'idle']];

function market(host, store) {
  const cheapest = bigNumber('the cheapest of these, a month');
  const lambda = bigNumber('AWS Lambda, a month');
  const waits = bigNumber('waiting at any moment', 'st-word-waiting');
  const rows = MARKET.map(marketRow);
  const list = node('ol', { class: 'st-market' }, ...rows.map(({ row }) => row));
  list.style.setProperty('--rows', rows.length);
  const knobs = MARKET_KNOBS.map((name) => labelledKnob(store, name));

  const draw = () => {
    const { figures: f } = store;
    const ranked = [...rows].sort((a, b) => f[a.name('')] - f[b.name('')]);
    const most = f[ranked.at(-1).name('')];
    ranked.forEach((one, k) => {
      one.row.style.order = k;
      one.draw(f, most);
    });
    cheapest.show(show(f[ranked[0].name('')], 'usd'));
    lambda.show(show(f.market_aws_lambda_usd, 'usd'));
    waits.show(show(f.waits_at_once, 'number'));
    setText(cheapest.what, `${ranked[0].title}, the cheapest of these`);
    knobs.forEach((knob) => knob.draw());
  };
  return makeFigure(host, store, 'market', draw, [
    node('div', { class: 'st-numbers' }, cheapest.box, lambda.box, waits.box),
    list,
    node('p', { class: 'st-key' }, 
      ...MARKET_PARTS.map(([part, kind]) => node('span', { class: `st-word-${kind}` }, part))),
    node('div', { class: 'st-knobs' }, ...knobs.map((knob) => knob.box)),
  ]);
}

// One design: its bar, and on request what it is made of.
function marketRow({ slug, name: title, waits }) {
  const name = (part) => `market_${slug}${part ? `_${part}` : ''}_usd`;
  const pieces = MARKET_PARTS.map(([part, kind]) => ({ part, piece: node('div', { class: `st-piece st-${kind}` }) }));
  const told = node('strong', { class: 'st-told' });
  const more = node('p', { class: 'st-aside' });
  const row = node('li', {},
    node('details', {},
      node('summary', {},
        node('span', { class: 'st-name' }, `${title}: `, told),
        node('div', { class: 'st-strip st-thin' }, ...pieces.map(({ piece }) => piece))),
      more));
  return {
    row,
    title,
    name,
    draw(f, most) {
      let from = 0;
      for (const { part, piece } of pieces) {
        place(piece, from / most, f[name(part)] / most);
        from += f[name(part)];
      }
      setText(told, show(f[name('')], 'usd'));
      const split = MARKET_PARTS.map(([part]) => `${part} ${show(f[name(part)], 'usd')}`).join(', ');
      setText(more, `${split}. ${waits}`);
    },
  };
}
