// The race: the same answer whole and as a stream, on two phones, over one meter.

function race(host, store) {
  const clock = makeClock();
  const phones = [
    phone(store, 'Sent whole', () => store.figures.wall_ms),
    phone(store, 'Streamed', () => store.figures.first_word_ms),
  ];
  const billed = node('div', { class: 'st-piece st-waiting' });
  const told = node('span', { class: 'st-told' });
  const strip = node('div', { class: 'st-strip' }, billed);
  const fromCall = (ms) => ms - (store.figures.wall_ms - store.figures.streamed_ms);
  const onStream = (name, placeMs) => timeGrip(store, name, strip, clock, placeMs, fromCall, draw);
  const first = onStream('first_token_ms', () => store.figures.first_word_ms);
  const last = onStream('generate_ms', () => store.figures.wall_ms);
  strip.append(first.grip, last.grip);
  const ticks = makeTicks();
  const numbers = {
    whole: bigNumber('until the first word, sent whole'),
    streamed: bigNumber('until the first word, streamed'),
    month: bigNumber('a month, either way', 'st-word-waiting'),
  };
  let leftAt = Infinity;
  let nowAt = Infinity;
  const player = makePlayer(store, (ms) => {
    const { wall_ms: end, billed_ms: billedMs } = store.figures;
    nowAt = ms;
    if (ms < leftAt && ms < end) leftAt = Infinity;
    for (const one of phones) one.draw(ms, leftAt, clock.end);
    place(billed, 0, Math.min(ms, end) / clock.end);
    const left = leftAt < end ? `the reader left after ${show(leftAt, 'ms')}; ` : '';
    setText(told, `${left}billed ${show(ms >= end ? billedMs : Math.ceil(ms), 'ms')}`);
  });
  // Closing the page during a race stops the readers where they are; after it, a third in.
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
    numbers.month.show(show(f.month_usd, 'usd'));
    player.follow(changed);
  }

  const made = makeFigure(host, store, 'race', draw, [
    node('div', { class: 'st-numbers' }, numbers.whole.box, numbers.streamed.box, numbers.month.box),
    node('div', { class: 'st-phones' }, ...phones.map((one) => one.element)),
    node('p', { class: 'st-row-title' }, 'One meter for both: ', told),
    strip,
    ticks,
  ], [node('div', { class: 'st-play' }, ...player.controls, hangUp)]);
  return alsoStop(made, player.playWhenSeen(made.figure));
}

// One reader's phone: the question, and the words of the answer as they arrive.
function phone(store, name, startsAt) {
  const words = ANSWER.map((word) => node('span', { class: 'st-word' }, `${word} `));
  const empty = node('span', {});
  const filled = node('div', { class: 'st-piece st-said-so-far' });
  const element = node('div', { class: 'st-phone' },
    node('p', { class: 'st-phone-name' }, name),
    node('p', { class: 'st-bubble st-asks' }, QUESTION),
    node('p', { class: 'st-bubble' }, ...words),
    node('p', { class: 'st-empty' }, empty),
    node('div', { class: 'st-strip st-thin' }, filled));
  return {
    element,
    draw(ms, leftAt, clockEnd) {
      const { wall_ms: end } = store.figures;
      const start = startsAt();
      const seenUntil = Math.min(ms, leftAt);
      setText(empty, seenUntil < start ? `empty so far: ${show(seenUntil, 'ms')}` : `empty for ${show(start, 'ms')}, then words`);
      place(filled, start / clockEnd, Math.max(0, Math.min(seenUntil, end) - start) / clockEnd);
      filled.hidden = seenUntil < start;
      words.forEach((word, k) => {
        const at = start + ((end - start) * k) / (words.length - 1);
        word.classList.toggle('st-unsaid', at > seenUntil);
      });
      element.classList.toggle('st-left', leftAt <= ms && leftAt < end);
    },
  };
}
