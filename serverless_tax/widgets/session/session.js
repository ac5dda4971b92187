// The session: one conversation over HTTP and over a WebSocket, and who waits during an answer.

const MOST_DRAWN = 40;

function session(host, store) {
  const http = sessionLane('Over HTTP', false);
  const socket = sessionLane('Over a WebSocket', true);
  const ticks = makeTicks();
  const totals = DESIGNS.map(({ short, total }) => ({ total, number: bigNumber(short) }));
  const said = node('p', { class: 'st-aside' });
  const month = node('p', { class: 'st-row-title' });
  const designs = DESIGNS.map(designRow);
  const knobs = ['session_s', 'session_messages', 'tokens_per_message'].map((name) => labelledKnob(store, name));

  const draw = () => {
    const { figures: f, values: v } = store;
    http.draw(f.answering_share, v.session_messages);
    socket.draw(f.answering_share, v.session_messages);
    drawTicks(ticks, v.session_s, 'min');
    totals.forEach(({ total, number }) => number.show(show(f[total], 'usd')));
    setText(said, `Waiting for the model: ${show(f.answering_share, 'percent')} of the conversation. Its connection costs ${show(f.connection_usd, 'usd')}.`);
    setText(month, `${show(v.requests_per_month, 'answers')} a month, ${show(v.tokens_per_message, 'tokens')} to a message`);
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
    parts: [node('p', { class: 'st-row-title' }, title), strip],
    draw(answering, count) {
      answers.forEach((piece, k) => {
        piece.hidden = k >= count;
        if (!piece.hidden) place(piece, (k + 0.15) / count, answering / count);
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
