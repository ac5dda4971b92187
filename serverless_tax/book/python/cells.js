// Run and Edit under each cell in sight. What runs it is loaded at the first click, and not before.

(() => {
  const { dataset, src } = document.currentScript;
  const told = JSON.parse(dataset.python);
  const from = new URL('.', src).href; // the folder of static files
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  // At 10 Mbit/s, and what starting Python takes after that.
  const seconds = (bytes) => Math.ceil(bytes / 1.25e6 + 5);

  const cells = [...document.querySelectorAll('article .cell')].filter((cell) => cell.querySelector('.cell_input'));
  if (!told.release) {
    const text = 'Cells run here once the book was built with its Python: make python, then make book.';
    cells[0].querySelector('.cell_input').after(make('p', { className: 'py-bar', textContent: text }));
    return;
  }
  const bars = cells.map((cell, k) => {
    const input = cell.querySelector('.cell_input');
    const text = input.querySelector('pre').textContent.trimEnd();
    const bar = { cell, input, name: `<cell ${k + 1}>`, text, line: make('p', { className: 'py-bar' }) };
    bar.run = make('button', { type: 'button', textContent: 'Run', onclick: () => act('run', bar) });
    bar.edit = make('button', { type: 'button', textContent: 'Edit', onclick: () => act('edit', bar) });
    bar.says = make('span', { textContent: `Loads Python once: ${megabytes(told.bytes)}, some ${seconds(told.bytes)} s at 10 Mbit/s.` });
    bar.says.setAttribute('role', 'status');
    bar.line.append(bar.run, bar.edit, bar.says);
    input.after(bar.line);
    return bar;
  });

  let runner = null;
  async function act(what, bar) {
    if (location.protocol === 'file:') {
      bar.says.textContent = 'A page opened from its folder cannot start Python: say make read, and open the address that it prints.';
      return;
    }
    runner ??= new Promise((resolve, reject) => {
      const script = make('script', { src: from + told.run, onerror: reject });
      script.onload = () => resolve(window.makeRunner(told, from, bars));
      document.head.append(script);
    });
    try {
      (await runner)[what](bar);
    } catch {
      runner = null;
      bar.says.textContent = 'The runner could not be loaded: is the network there?';
    }
  }
})();
