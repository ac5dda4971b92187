// What every page does beside its figures: light or dark, the contents, folds, copying code.

(() => {
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];

  // Light, dark, or as the machine is set.
  const system = matchMedia('(prefers-color-scheme: dark)');
  const modes = ['auto', 'dark', 'light'];
  const button = document.querySelector('#mode');
  const show = () => {
    const { mode } = root.dataset;
    root.dataset.theme = mode === 'auto' ? (system.matches ? 'dark' : 'light') : mode;
    if (button) button.setAttribute('aria-label', `Light or dark: ${mode === 'auto' ? 'as your system' : mode}`);
  };
  system.addEventListener('change', show);
  button?.addEventListener('click', () => {
    root.dataset.mode = modes[(modes.indexOf(root.dataset.mode) + 1) % modes.length];
    try {
      localStorage.setItem('mode', root.dataset.mode);
    } catch {
      // A page from disk may have nowhere to keep it.
    }
    show();
  });
  show();

  // The contents close on Escape, and when the reader goes on elsewhere.
  const contents = document.querySelector('#contents');
  const close = (focus) => {
    if (!contents?.open) return;
    contents.open = false;
    if (focus) contents.querySelector('summary').focus();
  };
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close(true);
  });
  document.addEventListener('click', (event) => {
    if (!contents?.contains(event.target) || event.target.closest('nav a')) close(false);
  });

  // What an address says of the reader's own function may name a section of the page too. A page that
  // shows no figure hands the rest of it on.
  const [facts, section] = location.hash.startsWith('#st?') ? location.hash.split('&at=') : [];
  if (section) addEventListener('load', () => document.getElementById(section)?.scrollIntoView());
  if (facts && !document.querySelector('st-widget, st-value, st-input, st-predict')) {
    for (const link of all('a[href]')) {
      const isOwn = link.host !== location.host || link.pathname === location.pathname || link.hash.startsWith('#st?');
      if (!isOwn && link.pathname.endsWith('.html')) {
        link.hash = facts + link.hash.replace('#', '&at=');
      }
    }
  }

  // A solution stays folded until it is asked for; printed, it is open.
  for (const fold of all('.admonition.dropdown')) {
    const title = fold.querySelector('.admonition-title');
    if (!title) continue;
    const text = title.textContent.replace(/(\S)(Exercise)/, '$1 $2');
    const turner = Object.assign(document.createElement('button'), { type: 'button', className: 'fold', textContent: text });
    const say = () => turner.setAttribute('aria-expanded', fold.classList.contains('open'));
    turner.addEventListener('click', () => {
      fold.classList.toggle('open');
      say();
    });
    say();
    title.replaceChildren(turner);
  }

  // What scrolls inside itself must be within a keyboard's reach.
  const reach = () => {
    for (const box of all('pre, .cell_output')) {
      if (box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX !== 'visible') box.tabIndex = 0;
    }
  };
  reach();
  addEventListener('resize', reach);

  for (const code of all('.bd-article div.highlight')) {
    if (!navigator.clipboard) break;
    const copy = Object.assign(document.createElement('button'), { type: 'button', className: 'copy', textContent: 'Copy' });
    copy.addEventListener('click', async () => {
      const lines = code.querySelector('pre').cloneNode(true);
      lines.querySelectorAll('.gp, .go, .linenos').forEach((one) => one.remove());
      await navigator.clipboard.writeText(lines.textContent.trimEnd());
      copy.textContent = 'Copied';
      setTimeout(() => (copy.textContent = 'Copy'), 1500);
    });
    code.append(copy);
  }

  // Pictures of one scene stand in one place and follow each other: once, unasked, when they are
  // first seen; then by their buttons. With reduced motion they only change when they are asked to.
  for (const scene of all('.st-frames')) playScene(scene);

  document.querySelector('#print')?.addEventListener('click', () => print());

  // A figure on a page of its own says how to show it elsewhere, unless that is where it stands.
  const code = document.querySelector('#embed-code');
  if (code && window.top === window.self) {
    const frame = document.createElement('iframe');
    Object.assign(frame, { src: location.href, title: document.title, width: '100%' });
    frame.height = Math.ceil(document.querySelector('.foot').getBoundingClientRect().bottom);
    frame.style.border = '0';
    code.querySelector('textarea').value = frame.outerHTML;
    code.hidden = false;
  }

  function playScene(scene) {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const frames = [...scene.children];
    const last = frames.length - 1;
    const make = (textContent, onclick) =>
      Object.assign(document.createElement('button'), { type: 'button', className: 'st-button', textContent, onclick });
    const names = frames.map((frame) => frame.querySelector('.st-frame-name').textContent);
    // When each picture ends, on the scene's clock. What moves in it stands where the clock says.
    const ends = [];
    for (const { dataset } of frames) ends.push((ends.at(-1) ?? 0) + Number(dataset.ms));
    const end = ends[last];
    let [at, shown, frame, moving] = [end, -1, 0, []];

    const steps = frames.map((_, k) => {
      const step = make(k + 1, () => goTo(ends[k] - 1));
      step.setAttribute('aria-label', names[k]);
      return step;
    });
    const play = make('Play', () => (frame ? stop() : start()));
    const moment = Object.assign(document.createElement('input'), { type: 'range', max: end, step: 100 });
    moment.setAttribute('aria-label', 'moment of the scene');
    moment.addEventListener('input', () => goTo(Number(moment.value)));

    function draw() {
      const k = Math.min(last, ends.findIndex((ms) => at < ms) >>> 0);
      if (k !== shown) {
        shown = k;
        frames.forEach((one, j) => one.classList.toggle('st-now', j === k));
        steps.forEach((step, j) => step.setAttribute('aria-pressed', j === k));
        moment.setAttribute('aria-valuetext', names[k]);
        moving = scene.getAnimations({ subtree: true });
      }
      moment.value = at;
      for (const one of moving) {
        one.pause();
        one.currentTime = at - (ends[k - 1] ?? 0);
      }
    }
    function goTo(ms) {
      stop();
      at = ms;
      draw();
    }
    function start() {
      if (at >= end - 1) at = 0;
      play.textContent = 'Pause';
      const from = performance.now() - at;
      const tick = () => {
        at = Math.min(end, performance.now() - from);
        draw();
        if (at < end) frame = requestAnimationFrame(tick);
        else stop();
      };
      tick();
    }
    function stop() {
      cancelAnimationFrame(frame);
      frame = 0;
      play.textContent = 'Play';
    }

    scene.classList.add('st-plays');
    const bar = Object.assign(document.createElement('p'), { className: 'st-scene-bar' });
    bar.append(...(still ? steps : [play, ...steps]), moment);
    scene.after(bar);
    draw();
    if (still) return;
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      seen.disconnect();
      start();
    }, { threshold: 0.5 });
    seen.observe(scene);
  }
})();
