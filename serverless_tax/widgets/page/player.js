// Plays a request at its own speed, or ten times that; only while it is in view.

function makePlayer(store, drawAt) {
  let now = Infinity; // on the request's clock; Infinity: at its end
  let frame = 0;
  let last = 0;
  let inView = false;
  let speed = 1;
  const play = button('Play', () => (frame ? pause() : start()));
  const again = button('Restart', () => start(0));
  const faster = button('10x', () => {
    speed = speed === 1 ? 10 : 1;
    faster.setAttribute('aria-pressed', speed === 10);
  });
  faster.setAttribute('aria-pressed', 'false');
  faster.setAttribute('aria-label', 'ten times as fast');

  const end = () => store.figures.wall_ms;
  const redraw = () => drawAt(Math.min(now, end()));
  const pause = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    setText(play, 'Play');
  };
  const finish = () => {
    pause();
    now = Infinity;
    redraw();
  };
  const start = (from = now) => {
    if (reducedMotion()) return finish();
    pause();
    now = from >= end() ? 0 : from;
    last = performance.now();
    setText(play, 'Pause');
    frame = requestAnimationFrame(tick);
    return undefined;
  };
  const tick = (time) => {
    now += Math.max(0, time - last) * speed;
    last = time;
    if (now >= end()) return finish();
    redraw();
    frame = requestAnimationFrame(tick);
    return undefined;
  };

  // Plays once, unasked, when the figure comes into view; stops when it leaves.
  const playWhenSeen = (figure) => {
    let played = false;
    const watcher = new IntersectionObserver(
      ([entry]) => {
        inView = entry.intersectionRatio > 0.3;
        if (!inView) return frame ? pause() : undefined;
        if (played || reducedMotion() || !store.isUntouched()) return undefined;
        played = true;
        return start(0);
      },
      { threshold: [0, 0.3, 0.6] },
    );
    watcher.observe(figure);
    return () => {
      watcher.disconnect();
      pause();
    };
  };
  const follow = (changed) => (changed && changed.length ? finish() : redraw());
  return { controls: [play, again, faster], follow, redraw, playWhenSeen };
}

function presetPicker(store) {
  const options = Object.entries(SCENARIOS).map(([name, { about }]) =>
    node('option', { value: name, title: about }, name));
  const select = node('select', { class: 'st-button', 'aria-label': 'A request to start from' }, ...options);
  select.addEventListener('change', () => store.choose(select.value));
  store.subscribe(() => (select.value = store.preset));
  return select;
}
