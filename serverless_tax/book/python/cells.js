// Run and Edit under each cell in sight. What runs it is loaded at the first click, and not before.

(() => {
  const { dataset, src } = document.currentScript;
  const told = JSON.parse(dataset.python);
  const from = new URL('.', src).href; // the folder of static files
  const isOfAFolder = location.protocol === 'file:'; // where nothing can be tried
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  // At 10 Mbit/s, and what starting Python takes after that.
  const seconds = Math.ceil(told.bytes / 1.25e6 + 5);
  const cost = `Loads Python once: ${(told.bytes / 1e6).toFixed(0)} MB, some ${seconds} s at 10 Mbit/s.`;

  const cells = [...document.querySelectorAll('article .cell')].filter((cell) => cell.querySelector('.cell_input'));
  if (!told.release) {
    const text = 'This copy of the book shows what its cells gave; one built with “make python” runs them here.';
    cells[0].querySelector('.cell_input').after(make('p', { className: 'py-bar', textContent: text }));
    return;
  }
  const bars = cells.map((cell, k) => {
    const input = cell.querySelector('.cell_input');
    const text = input.querySelector('pre').textContent.trimEnd();
    const bar = { cell, input, name: `<cell ${k + 1}>`, text, line: make('p', { className: 'py-bar' }) };
    bar.run = make('button', { type: 'button', textContent: 'Run', onclick: (event) => event.detail < 2 && act('run', bar) }); // a double click on Run is none on Stop
    bar.edit = make('button', { type: 'button', textContent: 'Edit', onclick: () => act('edit', bar) });
    bar.says = make('span', { textContent: cost });
    bar.says.setAttribute('role', 'status');
    bar.line.append(bar.run, bar.edit, bar.says);
    input.after(bar.line);
    return bar;
  });

  // An exercise has an editor, a hint, and its solution after a try: a check, or on request once something is written.
  for (const exercise of document.querySelectorAll('article .exercise')) {
    if (!told.exercises[exercise.id]) continue;
    const { start, hint } = told.exercises[exercise.id];
    const bar = { exercise: exercise.id, cost, cell: exercise, input: make('div'), name: `<cell ${exercise.id}>`, text: start, line: make('p', { className: 'py-bar' }) };
    bar.title = `${exercise.querySelector('.caption-number').textContent.trim()}, ${document.title.split(' · ')[0]}`;
    bar.solution = exercise.nextElementSibling?.matches('.solution') ? exercise.nextElementSibling : null;
    bar.run = make('button', { type: 'button', textContent: 'Check', hidden: true, onclick: (event) => event.detail < 2 && act('run', bar) });
    bar.edit = make('button', { type: 'button', textContent: 'Try it', onclick: () => act('edit', bar) });
    bar.hint = make('button', { type: 'button', textContent: 'Hint', onclick: () => (bar.says.textContent = hint) });
    bar.give = make('button', { type: 'button', textContent: 'Show the solution', hidden: true, onclick: () => bar.open() });
    bar.says = make('span');
    bar.says.setAttribute('role', 'status');
    bar.open = () => {
      bar.solution?.removeAttribute('data-waits');
      bar.give.remove();
    };
    bar.offer = () => (bar.give.hidden = false);
    let tries = 0;
    try {
      tries = JSON.parse(localStorage.getItem(`st-cell:${told.page}:${bar.name}`))?.tries ?? 0;
    } catch {
      // nothing is kept for this page
    }
    if (!tries && bar.solution && !isOfAFolder && !bar.solution.matches(':target, :has(:target)')) bar.solution.dataset.waits = '';
    bar.line.append(bar.run, bar.edit, bar.hint, ...('waits' in (bar.solution?.dataset ?? {}) ? [bar.give] : []), bar.says);
    bar.input.append(make('span'));
    exercise.append(bar.input, bar.line);
    bars.push(bar);
  }

  let runner = null;
  async function act(what, bar) {
    if (isOfAFolder) {
      bar.says.textContent = 'A page opened from its folder cannot start Python: say make read, and open the address that it prints.';
      return;
    }
    runner ??= new Promise((resolve, reject) => {
      document.head.append(make('script', { src: from + told.run, onload: resolve, onerror: reject }));
    }).then(() => window.makeRunner(told, from, bars));
    try {
      (await runner)[what](bar);
    } catch {
      runner = null;
      bar.offer?.();
      bar.says.textContent = 'The runner could not be loaded: is the network there?';
    }
  }
})();
