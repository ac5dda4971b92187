// The opening's strip: a playhead crosses one request in real time. The dollars stand from the start.

(() => {
  const hero = document.querySelector('.hero');
  if (!hero) return;
  const strip = hero.querySelector('.hero-strip');
  const now = hero.querySelector('.hero-now');
  const play = hero.querySelector('.hero-play');
  const atEnd = now.textContent;
  const [endMs, usd] = [Number(strip.dataset.ms), Number(strip.dataset.usd)];
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let frame = 0;
  let startMs = 0;
  let playedMs = endMs;

  const draw = () => {
    const share = Math.min(1, playedMs / endMs);
    strip.style.setProperty('--played', share);
    const seconds = (playedMs / 1000).toFixed(1);
    now.textContent = share < 1 ? `${seconds} s: $${(usd * share).toFixed(7)}` : atEnd;
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    play.textContent = playedMs < endMs ? 'Play' : 'Replay';
  };
  const tick = (time) => {
    playedMs = Math.min(endMs, time - startMs);
    draw();
    if (playedMs < endMs) frame = requestAnimationFrame(tick);
    else stop();
  };
  const start = () => {
    if (still.matches) return;
    if (playedMs >= endMs) playedMs = 0;
    startMs = performance.now() - playedMs;
    play.textContent = 'Pause';
    frame = requestAnimationFrame(tick);
  };
  play.addEventListener('click', () => (frame ? stop() : start()));
  still.addEventListener('change', () => {
    playedMs = endMs;
    draw();
    stop();
    play.hidden = still.matches;
  });
  play.hidden = still.matches;
  const seen = new IntersectionObserver(([entry]) => {
    if (entry.isIntersecting) start();
    else if (frame) stop();
    if (entry.isIntersecting || playedMs < endMs) seen.disconnect();
  }, { threshold: 0.3 });
  seen.observe(strip);
  new IntersectionObserver(([entry]) => !entry.isIntersecting && frame && stop()).observe(strip);
})();
