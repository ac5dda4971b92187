// The batching frontier: tokens in a message against what messages cost and how late they come.

const TRIED = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500];
const MARKED = [1, 10];

function batching(host, store) {
  const cost = bigNumber('a month for messages');
  const delay = bigNumber('the first token of a message waits');
  const calls = bigNumber('calls a second at the peak');
  const svg = makeSvg('st-frontier', '0 0 100 100');
  const plot = node('div', { class: 'st-area st-curve' }, svg.root);
  const marks = MARKED.map((tokens) => {
    const mark = node('span', { class: 'st-point', 'aria-hidden': 'true' });
    plot.append(mark);
    return { tokens, mark };
  });
  const most = () => boundedBy(fieldNamed.tokens_per_message, store.values).high;
  const across = (tokens) => Math.log(tokens) / Math.log(most());
  let costs = new Map();
  const priced = (tokens) => {
    if (!costs.has(tokens)) {
      costs.set(tokens, figuresOf({ ...store.values, tokens_per_message: tokens }).batch_messages_usd);
    }
    return costs.get(tokens);
  };
  const up = (usd) => usd / Math.max(priced(1), 1e-9);
  const grip = makeGrip({
    area: plot,
    axes: [],
    at: () => ({ x: across(store.values.tokens_per_message), y: 0 }),
    put(share) {
      if (share) store.set({ tokens_per_message: Math.round(most() ** share.x) });
    },
  });
  const describe = makeSlider(grip, store, 'tokens_per_message');
  const ticks = makeTicks();
  plot.append(grip);
  const title = node('p', { class: 'st-row-title' });

  const draw = (changed) => {
    const { figures: f, values: v } = store;
    if (!changed.length || changed.some((name) => name !== 'tokens_per_message')) {
      costs = new Map();
      const points = TRIED.filter((tokens) => tokens <= most());
      svg.shape.setAttribute('d', points.map((tokens, k) =>
        `${k ? 'L' : 'M'}${(100 * across(tokens)).toFixed(2)} ${(100 - 95 * up(priced(tokens))).toFixed(2)}`).join(' '));
      for (const { tokens, mark } of marks) {
        mark.hidden = tokens > most();
        mark.style.left = `${100 * across(tokens)}%`;
        mark.style.bottom = `${95 * up(priced(tokens))}%`;
        setText(mark, `${show(tokens, 'count')}: ${show(priced(tokens), 'usd0')}`);
      }
      const tens = [1, 10, 100].filter((tokens) => tokens < most() / 2);
      ticks.replaceChildren(...[...tens, most()].map((tokens) => {
        const tick = node('span', {}, show(tokens, 'count'));
        tick.style.left = `${100 * across(tokens)}%`;
        return tick;
      }));
    }
    const here = clamp(v.tokens_per_message, 1, most());
    grip.stand(across(here), 1 - 0.95 * up(f.batch_messages_usd));
    setText(title, `Tokens in a message: ${show(v.tokens_per_message, 'count')}`);
    cost.show(show(f.batch_messages_usd, 'usd'));
    delay.show(show(f.batch_delay_ms, 'ms'));
    calls.show(show(f.batch_peak_calls_a_second, 'count'));
    describe();
  };
  return makeFigure(host, store, 'batching', draw, [
    node('div', { class: 'st-numbers' }, cost.box, delay.box, calls.box),
    title,
    node('p', { class: 'st-axis' }, '↑ USD a month for messages'),
    plot,
    ticks,
    node('p', { class: 'st-axis st-axis-end' }, 'tokens in a message (logarithmic) →'),
  ]);
}
