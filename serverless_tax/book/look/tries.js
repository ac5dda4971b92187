// The page of one's own guesses and tries, of what this browser has kept.

(() => {
  const place = document.querySelector('.own-tries');
  const make = (tag, properties = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...inside);
    return made;
  };
  const kept = (key) => {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      return {};
    }
  };
  const keys = () => {
    try {
      return Object.keys(localStorage).filter((key) => key === 'st-guesses' || key.startsWith('st-cell:'));
    } catch {
      return [];
    }
  };
  const table = (caption, head, rows) => {
    const cells = (kind, texts) => texts.map((text) => make(kind, kind === 'th' ? { scope: 'col' } : {}, text));
    const bodyRows = rows.map(([first, ...rest]) => make('tr', {}, make('th', { scope: 'row', className: 'st-words' }, first), ...cells('td', rest)));
    return make('div', { className: 'st-bill' }, make('table', {}, make('caption', {}, caption), make('thead', {}, make('tr', {}, ...cells('th', head))), make('tbody', {}, ...bodyRows)));
  };

  function draw() {
    const guesses = Object.entries(kept('st-guesses')).filter(([, one]) => typeof one?.guess === 'string');
    const tries = keys().filter((key) => key.startsWith('st-cell:')).map((key) => [key, kept(key)]).filter(([, one]) => one.tries);
    const changed = keys().filter((key) => key.startsWith('st-cell:')).length - tries.length;
    const link = (page, text) => make('a', { href: page }, text);
    const parts = [];
    if (guesses.length) {
      parts.push(table('Your guesses, each as you made it last', ['Question', 'You', 'The answer', 'On'],
        guesses.map(([question, { guess, answer, on, title, page }]) =>
          [make('span', {}, question, ' ', link(page, title)), guess, answer, on])));
    }
    if (tries.length) {
      parts.push(table('Your tries at exercises', ['Exercise', 'Tries', 'The last one'],
        tries.map(([key, { tries: count, right, title }]) => {
          const [, page, name] = key.split(':');
          return [link(`${page.split('/').at(-1)}.html#${/ex-[\w-]+/.exec(name)}`, title), String(count), right ? 'right' : 'not yet'];
        })));
    }
    if (changed) parts.push(make('p', {}, `${changed} ${changed === 1 ? 'cell' : 'cells'} of the book that you have changed.`));
    if (!parts.length) {
      place.replaceChildren(make('p', {}, 'Nothing yet: guess in a chapter, or try one of its exercises, and it stands here.'));
      return;
    }
    const forget = make('button', { type: 'button', onclick: () => {
      keys().forEach((key) => localStorage.removeItem(key));
      draw();
    } }, 'Forget all of it');
    place.replaceChildren(...parts, make('p', {}, forget));
  }
  draw();
})();
