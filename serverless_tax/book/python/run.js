// The runner of a page's cells: its worker, its editors, and what the cells show.

window.makeRunner = (told, from, bars) => {
  const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const named = Object.fromEntries(bars.map((bar) => [bar.name, bar]));
  let worker = null;
  let cells = null; // of the page, those out of sight too; loaded at the first click
  let asked = null; // the bar whose cell runs, and what to do when it has
  let loaded = null;
  let mostMb = 0; // that Python may hold
  let isFirst = true;

  const key = (bar) => `st-cell:${told.page}:${bar.name}`;
  const kept = (bar) => {
    try {
      return JSON.parse(localStorage.getItem(key(bar)));
    } catch {
      return null; // nothing is kept for this page, or not by us
    }
  };
  const keep = (bar, text, more = {}) => {
    try {
      const { tries, right, title } = { title: bar.title, ...kept(bar), ...more };
      if (text === bar.text && !tries) localStorage.removeItem(key(bar));
      else localStorage.setItem(key(bar), JSON.stringify({ of: bar.text, text, tries, right, title }));
    } catch {
      bar.says.textContent = 'This browser keeps nothing for the page: copy what you want to keep.';
    }
  };

  const codeOf = (bar) => bar.area?.value ?? bar.text;

  // What the reader has set on the page, as a link to another page would take it along.
  function address() {
    const link = make('a', { href: 'mine.html', hidden: true });
    document.body.append(link);
    link.dispatchEvent(new Event('pointerdown', { bubbles: true }));
    link.remove();
    if (link.hash) return link.hash;
    const hasStore = document.querySelector('st-widget, st-value, st-input, st-predict');
    return !hasStore && location.hash.startsWith('#st?') ? location.hash : '';
  }

  function begin() {
    const files = new URL('python/', from);
    const set = new URL(`${told.release}/`, files).href;
    worker = new Worker(from + told.worker, { type: 'module' });
    worker.onmessage = ({ data }) => hears[data.kind](data);
    worker.onerror = () => stopped('Python could not be started: is the network there?');
    const folder = told.page.replace(/[^/]*$/, '');
    const [stdlib, rest] = [told.stdlib, told.rest].map((name) => new URL(name, files).href);
    worker.postMessage({ does: 'start', set, stdlib, rest, folder });
  }

  const hears = {
    loads({ bytes }) {
      asked.says.textContent = `Loading Python: ${megabytes(bytes)} of ${megabytes(told.bytes)} MB`;
    },
    starts() {
      asked.says.textContent = 'Starting Python';
    },
    brings({ name }) {
      const size = name.endsWith('.pack') ? `, which a drawing needs: ${megabytes(told.more_bytes)} MB` : '';
      if (asked) asked.says.textContent = `Loading ${name.split('-')[0]}${size}`;
    },
    ready({ version, most }) {
      loaded = version;
      mostMb = most;
      for (const bar of bars) if (bar !== asked) bar.says.textContent = '';
      asked.says.textContent = 'Running';
    },
    cell({ cell, what, text }) {
      const bar = named[cell] ?? asked;
      if (what === 'full') {
        asked.full = true;
      } else if (what === 'begins') {
        if (named[cell]) clear(bar);
      } else if (what === 'ends') {
        bar.took = text;
      } else {
        if (what === 'right' || what === 'wrong') {
          bar.told = text;
          tried(bar, what === 'right');
          return;
        }
        if (what === 'error') asked.failed = bar === asked ? 'Stopped with an error.' : 'A cell above it stopped with an error: see there.';
        if (what === 'error' && !named[cell]) show(bar, 'text', 'A cell that is out of sight stopped:\n');
        show(bar, what, text);
      }
    },
    ran({ ran }) {
      if (!ran && asked.full) {
        stopped(`A page’s Python may hold ${mostMb} MB, and this took more. It was ended: the next run begins anew.`);
        return;
      }
      if (ran && asked.told) asked.says.textContent = asked.told;
      else if (ran) asked.says.textContent = `${asked.took} s in Python ${loaded}.${isFirst ? ' mine is the request that this page shows.' : ''}`;
      else asked.says.textContent = asked.failed;
      if (!ran && asked.exercise) tried(asked, false);
      isFirst &&= !ran;
      rest();
    },
    ended({ text }) {
      stopped(`Python ended (${text}). What the cells had made is gone: the next run begins anew.`);
    },
    failed({ text }) {
      if (loaded) hears.ended({ text: text.trim().split('\n').at(-1) });
      else stopped(`Python could not be started: ${text}`);
    },
  };

  // The solution may be read after a try, and one that stopped is a try too.
  function tried(bar, right) {
    keep(bar, codeOf(bar), { tries: (kept(bar)?.tries ?? 0) + 1, right });
    bar.open();
  }

  function rest() {
    if (asked) asked.run.textContent = asked.exercise ? 'Check' : 'Run';
    asked = null;
    dispatchEvent(new Event('resize')); // what scrolls inside itself is to be reached by keyboard
  }

  function stopped(why) {
    worker?.terminate();
    worker = loaded = null;
    if (asked) asked.says.textContent = why;
    asked?.offer?.();
    rest();
  }

  // What a cell shows stands in the place of what it showed when the book was built.
  function clear(bar) {
    bar.built ??= bar.cell.querySelector('.cell_output') ?? make('div');
    bar.out ??= make('div', { className: 'cell_output' });
    for (const stop of bar.stops ?? []) stop();
    bar.stops = [];
    bar.out.replaceChildren();
    if (bar.built.isConnected) bar.built.replaceWith(bar.out);
    else if (!bar.out.isConnected) (bar.input.closest('details.hide') ?? bar.line).after(bar.out);
  }

  function show(bar, what, text) {
    if (!bar.out?.isConnected) clear(bar);
    if (what === 'html') {
      const box = make('div', { className: 'output text_html', innerHTML: text });
      for (const widget of box.querySelectorAll('st-widget')) if (!isOnPage(widget)) bringToLife(bar, widget).catch(() => {});
      bar.out.append(box);
      return;
    }
    const kind = what === 'error' ? 'traceback' : 'stream';
    const last = bar.out.lastElementChild;
    if (kind === 'stream' && last?.classList.contains(kind)) {
      last.querySelector('pre').append(text);
      return;
    }
    const box = make('div', { className: `output ${kind}` });
    box.append(make('pre', { textContent: text }));
    bar.out.append(box);
  }

  // A widget of a scenario that the page's have not has one of its own. Until its script is there, it stands still.
  async function bringToLife(bar, widget) {
    const { kind, scenario, changes } = widget.dataset;
    const has = { kind, preset: scenario, ...JSON.parse(changes ?? '{}') };
    const el = make('div');
    el.append(...widget.childNodes);
    widget.replaceWith(el);
    const { default: made } = await import(new URL(`python/${told.widgets}/${kind}.js`, from));
    if (el.isConnected) bar.stops.push(made.render({ el, model: { get: (name) => has[name], set() {}, on() {}, off() {}, save_changes() {} } }));
  }

  // One that the page has as well, of the same scenario, is moved like that one.
  function isOnPage(widget) {
    return [...document.querySelectorAll('st-widget[data-ready]')].some((one) =>
      ['kind', 'scenario', 'changes'].every((part) => one.dataset[part] === widget.dataset[part]));
  }

  async function run(bar) {
    if (asked) {
      if (asked === bar) stopped('Stopped. What the cells had made is gone: the next run begins anew.');
      else bar.says.textContent = 'Another cell runs: wait for it, or stop it.';
      return;
    }
    asked = bar;
    bar.full = false;
    bar.run.textContent = 'Stop';
    bar.says.textContent = loaded ? 'Running' : 'Loading Python';
    for (const one of bars) if (kept(one) && !one.exercise && !one.area) edit(one, false);
    if (!worker) begin();
    try {
      cells ??= await (await fetch(from + told.cells)).json();
    } catch {
      stopped('The cells of this page could not be loaded: is the network there?');
      return;
    }
    if (asked !== bar) return;
    if (bar.exercise) {
      bar.told = '';
      const before = cells.filter((cell) => cell.needed && !cell.shown).map(({ name, code }) => [name, code]);
      worker.postMessage({ does: 'check', label: bar.exercise, cells: [...before, [bar.name, codeOf(bar)]], address: address() });
      return;
    }
    const upTo = cells.findIndex((cell) => cell.name === bar.name);
    const wanted = cells.slice(0, upTo + 1).filter((cell) => cell.needed);
    const pairs = wanted.map(({ name, code }) => [name, named[name] ? codeOf(named[name]) : code]);
    worker.postMessage({ does: 'run', cells: pairs, address: address() });
  }

  function edit(bar, focus = true) {
    if (!bar.area) {
      const before = kept(bar);
      bar.area = make('textarea', { value: before?.text ?? bar.text, spellcheck: false, autocapitalize: 'off', className: 'py-editor' });
      bar.area.setAttribute('aria-label', 'the cell’s code; Shift and Enter runs it, Escape and then Tab leaves it');
      if (before && before.text !== bar.text) bar.offer?.();
      if (before && before.of !== bar.text) bar.says.textContent = 'The book’s own code has changed since you wrote this.';
      bar.area.addEventListener('keydown', (event) => type(bar, event));
      bar.area.addEventListener('input', () => {
        fit(bar.area);
        keep(bar, bar.area.value);
        if (bar.area.value !== bar.text) bar.offer?.();
        if (loaded && bar.area.value.includes('matplotlib')) worker.postMessage({ does: 'warm' });
      });
      bar.reset = make('button', { type: 'button', textContent: bar.exercise ? 'Forget' : 'Reset', onclick: () => reset(bar) });
      bar.edit.after(bar.reset);
      bar.edit.hidden = true;
      bar.run.hidden = false;
      bar.input.firstElementChild.hidden = true;
      bar.input.append(bar.area);
      bar.area.setSelectionRange(0, 0); // so that a phone shows where the lines begin
    }
    if (bar.cost && !loaded) bar.says.textContent = bar.cost;
    fit(bar.area);
    if (focus) bar.area.focus();
  }

  function fit(area) {
    area.rows = Math.max(2, area.value.split('\n').length);
  }

  // As if typed: it can be undone, which a text that a script sets cannot.
  const insert = (text) => document.execCommand('insertText', false, text);

  function type(bar, event) {
    const { area } = bar;
    if (event.isComposing) return; // Enter takes a word of Japanese, say
    if (event.key === 'Enter' && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (asked !== bar) run(bar);
    } else if (event.key === 'Escape') {
      area.dataset.leave = ''; // a keyboard has to get out again
    } else if (event.key === 'Tab' && !event.shiftKey && !('leave' in area.dataset)) {
      event.preventDefault();
      insert('    ');
    } else if (event.key === 'Enter') {
      const line = area.value.slice(0, area.selectionStart).split('\n').at(-1);
      const indent = /^ */.exec(line)[0] + (/:\s*$/.test(line) ? '    ' : '');
      event.preventDefault();
      insert(`\n${indent}`);
    }
    if (event.key !== 'Escape') delete area.dataset.leave;
  }

  function reset(bar) {
    if (asked === bar) return;
    try {
      localStorage.removeItem(key(bar));
    } catch {
      // nothing was kept
    }
    bar.run.hidden = Boolean(bar.exercise);
    bar.area.remove();
    bar.reset.remove();
    bar.area = null;
    bar.edit.hidden = false;
    bar.input.firstElementChild.hidden = false;
    if (bar.out?.isConnected && !bar.exercise) bar.out.replaceWith(bar.built);
    if (!bar.exercise) worker?.postMessage({ does: 'forget' }); // nor is what it made the book's
    bar.says.textContent = bar.exercise ? 'Forgotten.' : 'As in the book.';
    bar.out?.remove();
    bar.edit.focus();
  }

  return { run, edit };
};
