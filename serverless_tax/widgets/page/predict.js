// A guess before the answer: the reader marks it on a line, and the true bar grows past the mark.

class PredictElement extends HTMLElement {
  connectedCallback() {
    const { question, unit, figure, answer, reveal } = this.dataset;
    const scale = guessScale(Number(this.dataset.low), Number(this.dataset.high));
    const id = `st-guess-${(PredictElement.count += 1)}`;
    const slider = node('input', { type: 'range', id, min: 0, max: 1000, step: 1, value: 500 });
    const guess = node('strong', { class: 'st-big' });
    const told = node('p', { class: 'st-answer', role: 'status' });
    const mark = node('span', { class: 'st-guess-mark' });
    const bar = node('span', { class: 'st-guess-bar' });
    const rail = node('div', { class: 'st-guess-rail' }, bar, mark, slider);
    const ends = node('div', { class: 'st-guess-ends', 'aria-hidden': 'true' },
      ...[0, 0.5, 1].map((share) => node('span', {}, show(scale.at(share), unit))));
    const read = () => scale.at(slider.value / 1000);
    const drawGuess = () => {
      const text = show(read(), unit);
      setText(guess, text);
      mark.style.left = `${slider.value / 10}%`;
      slider.setAttribute('aria-valuetext', text);
    };
    let done = false;
    const answered = (guessed) => {
      if (done) return;
      done = true;
      const truth = figure ? thePageStore().read(figure) : Number(answer);
      bar.style.width = `${100 * scale.share(truth)}%`;
      mark.hidden = guessed === null;
      slider.disabled = true;
      controls.remove();
      uncover();
      told.append(...verdict(guessed, truth, unit), ...(reveal ? [` ${reveal}`] : []));
      this.dataset.answered = '';
    };
    const uncover = coverNextWidget(this, () => answered(null));
    const commit = button('That is my guess', () => answered(read()));
    const skip = button('Just show me', () => answered(null));
    const controls = node('div', { class: 'st-controls' }, guess, commit, skip);
    slider.addEventListener('input', drawGuess);
    drawGuess();
    this.replaceChildren(
      node('div', { class: 'st st-predict' },
        node('label', { for: id }, question),
        node('div', { class: 'st-guess' }, rail, ends),
        node('div', { class: 'st-outcome' }, controls, told)),
    );
    this.dataset.ready = '';
  }
}
PredictElement.count = 0;

// Between a share of the line and a guess with two digits; in equal ratios where the span is wide.
function guessScale(low, high) {
  const wide = low > 0 && high / low >= 50;
  const at = (share) => {
    if (share === 0 || share === 1) return share ? high : low;
    const value = wide ? low * (high / low) ** share : low + (high - low) * share;
    return Number(value.toPrecision(2));
  };
  const share = (value) => {
    if (wide && value <= low) return 0;
    return clamp(wide ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low), 0, 1);
  };
  return { at, share };
}

// The widget that follows would give the answer away: it keeps its large numbers and its caption back
// until the reader has guessed, asked to be shown, used the widget, or scrolled past the guess. In front
// of a class (`?class` in the address) scrolling past shows nothing: a room has one screen.
function coverNextWidget(predict, whenPassed) {
  const follows = (widget) => predict.compareDocumentPosition(widget) & Node.DOCUMENT_POSITION_FOLLOWING;
  const widget = [...document.querySelectorAll('st-widget')].find(follows);
  if (!widget || predict.dataset.covers === 'no' || window.location.hash.startsWith('#st?')) return () => {};
  const uncover = () => delete widget.dataset.covered;
  widget.dataset.covered = '';
  widget.addEventListener('pointerdown', uncover, { once: true });
  widget.addEventListener('keydown', uncover, { once: true });
  if (!new URLSearchParams(window.location.search).has('class')) {
    // However far it is below the window it counts as in view: out of it is only what was passed.
    const passed = new IntersectionObserver(([entry]) => {
      if (entry.isIntersecting) return;
      passed.disconnect();
      whenPassed();
    }, { rootMargin: '0px 0px 1000000px 0px' });
    passed.observe(predict);
  }
  return uncover;
}

function verdict(guess, truth, unit) {
  const answer = node('strong', { class: 'st-big' }, show(truth, unit));
  if (guess === null) return [answer];
  return [answer, ` You guessed ${show(guess, unit)}: ${comparison(guess, truth)}.`];
}

function comparison(guess, truth) {
  if (guess === truth) return 'exactly right';
  if (!(guess > 0 && truth > 0)) return guess > truth ? 'too high' : 'too low';
  const times = guess > truth ? guess / truth : truth / guess;
  const side = guess > truth ? 'high' : 'low';
  if (times < 1.1) return 'as good as right';
  if (times < 1.5) return `close, a little too ${side}`;
  return `too ${side} by a factor of ${show(Number(times.toPrecision(2)), 'number')}`;
}
