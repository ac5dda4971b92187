// The session: one conversation over HTTP and over a WebSocket, and who waits during an answer.

const MOST_DRAWN = 40;
const MOST_GRIPS = 6; // a thumb apart on a phone: of more messages none is moved alone

function session(host, store) {
  const moved = []; // where the reader has put messages, as shares of the conversation
  const at = (k) => moved[k] ?? (k + 0.15) / store.values.session_messages;
  const answer = () => store.figures.answering_share / store.values.session_messages;
  const http = sessionLane('Over HTTP', false);
  const socket = sessionLane('Over a WebSocket', true);
  const grips = Array.from({ length: MOST_GRIPS }, (_, k) => messageGrip(k));
  http.strip.append(...grips);
  const ticks = makeTicks();
  const totals = DESIGNS.map(({ short, total }) => ({ total, number: bigNumber(short) }));
  const said = node('p', { class: 'st-aside' });
  const month = node('p', { class: 'st-row-title' });
  const designs = DESIGNS.map(designRow);
  const knobs = ['session_s', 'session_messages', 'tokens_per_message'].map((name) => labelledKnob(store, name));

  function messageGrip(k) {
    const grip = makeGrip({
      area: http.strip,
      axes: [],
      at: () => ({ x: at(k), y: 0 }),
      put(share) {
        if (share) moveTo(k, share.x);
      },
    });
    setAll(grip, { role: 'slider', tabindex: 0, 'aria-label': `message ${k + 1}`, 'aria-valuemin': 0 });
    grip.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 0.01, ArrowUp: 0.01, ArrowLeft: -0.01, ArrowDown: -0.01 }[event.key];
      if (!step || isCommand(event)) return;
      event.preventDefault();
      moveTo(k, at(k) + step);
    });
    return grip;
  }

  // Answers do not overlap: one conversation has one reader.
  function moveTo(k, share) {
    const gap = answer();
    const low = k === 0 ? 0 : at(k - 1) + gap;
    const high = (k + 1 < store.values.session_messages ? at(k + 1) : 1) - gap;
    moved[k] = clamp(share, low, Math.max(low, high));
    drawLanes();
  }

  function drawLanes() {
    const count = store.values.session_messages;
    http.draw(at, answer(), count);
    socket.draw(at, answer(), count);
    grips.forEach((grip, k) => {
      grip.hidden = k >= count || count > MOST_GRIPS;
      if (grip.hidden) return;
      grip.stand(at(k));
      const [end, now] = [store.values.session_s, at(k) * store.values.session_s].map(Math.round);
      setAll(grip, { 'aria-valuemax': end, 'aria-valuenow': now, 'aria-valuetext': `after ${show(now, 'min')}` });
    });
  }

  const draw = (changed) => {
    const { figures: f, values: v } = store;
    if (changed.some((name) => name.startsWith('session_'))) moved.length = 0;
    drawLanes();
    drawTicks(ticks, v.session_s, 'min');
    totals.forEach(({ total, number }) => number.show(show(f[total], 'usd')));
    setText(said, `Waiting for the model: ${show(f.answering_share, 'percent')} of the conversation. Its connection costs ${show(f.connection_usd, 'usd')}.`);
    setText(month, `${show(v.requests_per_month, 'count')} such answers a month, ${show(v.tokens_per_message, 'count')} ${v.tokens_per_message === 1 ? 'token' : 'tokens'} to a message`);
    const most = Math.max(...DESIGNS.map(({ total }) => f[total]));
    designs.forEach((design) => design.draw(f, most));
    knobs.forEach((knob) => knob.draw());
  };
  return makeFigure(host, store, 'session', draw, [
    node('div', { class: 'st-numbers' }, ...totals.map(({ number }) => number.box)),
    ...http.parts,
    ...socket.parts,
    ticks,
    said,
    node('div', { class: 'st-knobs' }, ...knobs.map((knob) => knob.box)),
    month,
    node('div', { class: 'st-designs' }, ...designs.map(({ element }) => element)),
    node('p', { class: 'st-key' },
      node('span', { class: 'st-word-waiting' }, 'waiting, billed'),
      node('span', { class: 'st-word-fees' }, 'fees: for each connected minute, and for each message'),
      node('span', { class: 'st-word-cpu' }, 'work'),
      node('span', { class: 'st-word-idle' }, 'idle')),
  ]);
}

function sessionLane(title, connected) {
  const answers = Array.from({ length: MOST_DRAWN }, () => node('div', { class: 'st-piece st-waiting' }));
  const line = connected ? [node('div', { class: 'st-piece st-fees st-connected' })] : [];
  const strip = node('div', { class: 'st-strip' }, ...line, ...answers);
  return {
    strip,
    parts: [node('p', { class: 'st-row-title' }, title), strip],
    draw(at, length, count) {
      answers.forEach((piece, k) => {
        piece.hidden = k >= count;
        if (!piece.hidden) place(piece, at(k), length);
      });
      if (connected) place(line[0], 0, 1);
    },
  };
}

// What a design costs a month, with its lines.
function designRow({ title, total, lines }) {
  const pieces = lines.map(([, , kind]) => node('div', { class: `st-piece st-${kind}` }));
  const usd = node('strong', { class: 'st-told' });
  const said = node('p', { class: 'st-aside st-told' });
  return {
    element: node('div', { class: 'st-design' },
      node('p', {}, `${title}: `, usd), node('div', { class: 'st-strip st-thin' }, ...pieces), said),
    draw(f, most) {
      let from = 0;
      lines.forEach(([, name], k) => {
        place(pieces[k], from / most, f[name] / most);
        from += f[name];
      });
      setText(usd, show(f[total], 'usd'));
      const usds = addingUp(lines.map(([, name]) => f[name]));
      setText(said, lines.map(([what, name], k) => (f[name] > 0 ? `${what} ${usds[k]}` : '')).filter(Boolean).join(', '));
    },
  };
}
