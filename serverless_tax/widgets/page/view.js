// Drawing what is in view at once, and the rest when the reader pauses.

const PAUSE_MS = 200; // after the last change
const CATCHING_UP_MS = 8; // of a frame, at most
const onSight = new Map(); // what to tell an element that comes into view or leaves it
const waiting = new Map(); // what each element has still to draw
let observer = null;
let pause = 0;
let lastChange = 0;

function catchUp(element) {
  const draw = waiting.get(element);
  waiting.delete(element);
  draw?.();
}

// Catches up bit by bit, so that a reader who goes on is not kept waiting.
function afterAPause() {
  const now = performance.now();
  const leftMs = lastChange + PAUSE_MS - now;
  for (const element of [...waiting.keys()]) {
    if (leftMs > 0 || performance.now() > now + CATCHING_UP_MS) break;
    catchUp(element);
  }
  pause = waiting.size ? setTimeout(afterAPause, Math.max(0, leftMs)) : 0;
}

function whenPaused(element, draw) {
  waiting.set(element, draw);
  lastChange = performance.now();
  pause ||= setTimeout(afterAPause, PAUSE_MS);
}

function watch(element, tell) {
  if (!observer) {
    observer = new IntersectionObserver((entries) =>
      entries.forEach((entry) => onSight.get(entry.target)?.(entry.isIntersecting)));
    addEventListener('beforeprint', () => [...waiting.keys()].forEach(catchUp));
  }
  onSight.set(element, tell);
  observer.observe(element);
}

// Draws an element after each change while it is in view, and what it has to `tell` once the reader
// pauses. What is out of view waits for the pause, or to be seen.
function subscribeInView(element, store, draw, tell = null) {
  let seen = true;
  watch(element, (isSeen) => {
    seen = isSeen;
    if (seen) catchUp(element);
  });
  const stop = store.subscribe((changed) => {
    const drawn = seen || !changed.length;
    if (drawn) draw(changed);
    const rest = () => {
      if (!drawn) draw([]);
      tell?.(seen ? changed : []);
    };
    if (!changed.length) rest();
    else if (tell || !drawn) whenPaused(element, rest);
  });
  return () => {
    observer.unobserve(element);
    onSight.delete(element);
    waiting.delete(element);
    stop();
  };
}
