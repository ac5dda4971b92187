// Drawing what is in view, and the rest later.

const PAUSE_MS = 200; // after the last change
const onSight = new Map(); // what to tell an element that comes into view or leaves it
const missed = new Map(); // how each element catches up, and whether it waits to be seen for that
let observer = null;
let pause = 0;
let lastMissed = 0;

function catchUp(isDue) {
  for (const [element, one] of [...missed]) {
    if (isDue(one)) {
      missed.delete(element);
      one.draw();
    }
  }
}

function afterAPause() {
  const leftMs = lastMissed + PAUSE_MS - performance.now();
  pause = leftMs > 0 ? setTimeout(afterAPause, leftMs) : 0;
  if (!pause) catchUp((one) => !one.waitsToBeSeen);
}

function watch(element, tell) {
  if (!observer) {
    observer = new IntersectionObserver(
      (entries) => entries.forEach((entry) => onSight.get(entry.target)?.(entry.isIntersecting)),
      { rootMargin: '50%' },
    );
    addEventListener('beforeprint', () => catchUp(() => true));
  }
  onSight.set(element, tell);
  observer.observe(element);
}

// Draws an element after each change while it is in view. What it missed it draws once it is seen or
// printed, and unless it `waitsToBeSeen`, once the reader pauses.
function subscribeInView(element, store, draw, waitsToBeSeen = false) {
  let seen = true;
  watch(element, (isSeen) => {
    seen = isSeen;
    if (seen) catchUp((one) => one.element === element);
  });
  const stop = store.subscribe((changed) => {
    if (seen) return draw(changed);
    missed.set(element, { element, waitsToBeSeen, draw: () => draw([]) });
    lastMissed = performance.now();
    if (!waitsToBeSeen && !pause) pause = setTimeout(afterAPause, PAUSE_MS);
    return undefined;
  });
  return () => {
    observer.unobserve(element);
    onSight.delete(element);
    missed.delete(element);
    stop();
  };
}
