// The race: the same answer whole and as a stream; two readers, and two meters that agree.

const WORDS = 28; // pieces of the answer that are drawn

function race(host, store) {
  const clock = makeClock();
  const lanes = [
    lane(store, clock, 'Sent whole', () => store.figures.wall_ms),
    lane(store, clock, 'Streamed', () => store.figures.first_word_ms),
  ];
  const [whole, streamed] = lanes;
  const fromCall = (ms) => ms - (store.figures.wall_ms - store.figures.streamed_ms);
  const onStream = (name, placeMs) => timeGrip(store, name, streamed.strip, clock, placeMs, fromCall, draw);
  const first = onStream('first_token_ms', () => store.figures.first_word_ms);
  const last = onStream('generate_ms', () => store.figures.wall_ms);
  streamed.strip.append(first.grip, last.grip);
  const ticks = makeTicks();
  const numbers = {
    whole: bigNumber('until the first word, sent whole'),
    streamed: bigNumber('until the first word, streamed'),
    million: bigNumber('for a million answers, either way', 'st-word-waiting'),
  };
  let leftAt = Infinity;
  let nowAt = Infinity;
  const player = makePlayer(store, (ms) => {
    nowAt = ms;
    if (ms < leftAt && ms < store.figures.wall_ms) leftAt = Infinity;
    for (const one of lanes) one.draw(ms, leftAt);
  });
  // Hanging up during a race stops the readers where they are; after it, a third in.
  const hangUp = button('Hang up', () => {
    const { wall_ms: end } = store.figures;
    leftAt = nowAt < end ? nowAt : store.figures.first_word_ms + (end - store.figures.first_word_ms) / 3;
    player.redraw();
  });

  function draw(changed) {
    const { figures: f } = store;
    clock.fit(f.wall_ms);
    leftAt = Infinity;
    first.describe();
    last.describe();
    drawTicks(ticks, clock.end / 1000, 's');
    numbers.whole.show(show(f.wall_ms, 'ms'));
    numbers.streamed.show(show(f.first_word_ms, 'ms'));
    numbers.million.show(show(f.million_usd, 'usd'));
    player.follow(changed);
  }

  const made = makeFigure(host, store, 'race', draw, [
    node('div', { class: 'st-numbers' }, numbers.whole.box, numbers.streamed.box, numbers.million.box),
    ...whole.parts,
    ...streamed.parts,
    ticks,
    node('p', { class: 'st-aside' }, 'Each lane: words at the reader above, what is billed below.'),
  ], [...player.controls, hangUp]);
  return alsoStop(made, player.playWhenSeen(made.figure));
}

// One reader: the words as they arrive, and the meter that runs meanwhile.
function lane(store, clock, name, startsAt) {
  const words = Array.from({ length: WORDS }, () => node('span', { class: 'st-word' }));
  const strip = node('div', { class: 'st-strip st-words-strip' }, ...words);
  const billed = node('div', { class: 'st-piece st-waiting' });
  const told = node('span', { class: 'st-told' });
  const title = node('p', { class: 'st-row-title' }, `${name}: `, told);
  const meter = node('div', { class: 'st-strip st-thin' }, billed);
  return {
    strip,
    parts: [title, strip, meter],
    draw(ms, leftAt) {
      const { wall_ms: end, billed_ms: billedMs } = store.figures;
      const start = startsAt();
      const seenUntil = Math.min(ms, leftAt);
      words.forEach((word, k) => {
        const at = start + ((end - start) * k) / (WORDS - 1);
        // An answer that comes whole comes at one moment; its words are drawn close together there.
        word.style.left = `${(100 * at) / clock.end - (start === end ? 0.5 * (WORDS - 1 - k) : 0)}%`;
        word.hidden = at > seenUntil;
      });
      place(billed, 0, Math.min(ms, end) / clock.end);
      const left = leftAt < end ? `the reader left after ${show(leftAt, 'ms')}; ` : '';
      setText(told, `${left}billed ${show(ms >= end ? billedMs : Math.ceil(ms), 'ms')}`);
    },
  };
}
