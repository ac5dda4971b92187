// A guess before the answer: the reader commits to a number, and only then sees the real one.

class PredictElement extends HTMLElement {
  connectedCallback() {
    const { question, unit, figure, answer, reveal } = this.dataset;
    const scale = guessScale(Number(this.dataset.low), Number(this.dataset.high));
    const id = `st-guess-${(PredictElement.count += 1)}`;
    const slider = node('input', { type: 'range', id, min: 0, max: 1000, step: 1, value: 500 });
    const guess = node('strong', { class: 'st-big' });
    const told = node('p', { class: 'st-answer', role: 'status' });
    const read = () => scale(slider.value / 1000);
    const drawGuess = () => {
      const text = show(read(), unit);
      setText(guess, text);
      slider.setAttribute('aria-valuetext', text);
    };
    const uncover = coverNextWidget(this);
    const answered = (guessed) => {
      const truth = figure ? thePageStore().read(figure) : Number(answer);
      slider.disabled = true;
      commit.remove();
      skip.remove();
      uncover();
      told.append(...verdict(guessed, truth, unit), ...(reveal ? [` ${reveal}`] : []));
      this.dataset.answered = '';
    };
    const commit = button('That is my guess', () => answered(read()));
    const skip = button('Just show me', () => answered(null));
    slider.addEventListener('input', drawGuess);
    drawGuess();
    this.replaceChildren(
      node('div', { class: 'st st-predict' },
        node('label', { for: id }, question),
        node('div', { class: 'st-guess' }, slider, guess),
        node('div', { class: 'st-controls' }, commit, skip),
        told),
    );
    this.dataset.ready = '';
  }
}
PredictElement.count = 0;

// From a share of the slider to a guess with two digits; in equal ratios where the span is wide.
function guessScale(low, high) {
  const wide = low > 0 && high / low >= 50;
  return (share) => {
    if (share === 0 || share === 1) return share ? high : low;
    const value = wide ? low * (high / low) ** share : low + (high - low) * share;
    return Number(value.toPrecision(2));
  };
}

// The widget that follows would give the answer away: its large numbers and its caption are blurred
// until the reader has guessed, asked to be shown, or begun to use the widget.
function coverNextWidget(predict) {
  const follows = (widget) => predict.compareDocumentPosition(widget) & Node.DOCUMENT_POSITION_FOLLOWING;
  const widget = [...document.querySelectorAll('st-widget')].find(follows);
  if (!widget || predict.dataset.covers === 'no' || window.location.hash.startsWith('#st?')) return () => {};
  const uncover = () => delete widget.dataset.covered;
  widget.dataset.covered = '';
  widget.addEventListener('pointerdown', uncover, { once: true });
  widget.addEventListener('keydown', uncover, { once: true });
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
  return `too ${side} by a factor of ${show(times, 'number')}`;
}
