// Your log: a box to paste lines into, and what the reader finds in them.

function paste(host, store) {
  const box = node('textarea', { class: 'st-log', rows: 7, spellcheck: 'false', 'aria-label': 'Lines of your log' });
  const out = node('div', { class: 'st-read', 'aria-live': 'polite' });
  let timer = 0;
  const read = () => out.replaceChildren(...(box.value.trim() ? told(readLog(box.value), store) : []));
  const put = (text) => {
    box.value = text;
    read();
  };
  box.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(read, 250);
  });
  host.replaceChildren(node('figure', { class: 'st st-paste' },
    box,
    node('div', { class: 'st-controls' },
      button('Load a sample', () => put(LOG.sample)), button('Clear', () => put(''))),
    out,
    node('figcaption', {}, WIDGETS.paste.caption)));
  return { stop: () => clearTimeout(timer) };
}

function told(log, store) {
  const found = findingsOf(log);
  const say = (key, text) => node('p', {}, fill(LOG.says[key], () => text));
  return [
    ...found.map((one) => toldOfOne(one, store)),
    ...(found.length ? [] : [say('none')]),
    ...(log.unread.length ? [say('unread', log.unread.length)] : []),
    ...log.unread.slice(0, 3).map((text) => node('pre', {}, text)),
    ...['twice', 'again', 'concurrent', 'other'].filter((key) => log[key]).map((key) => say(key, log[key])),
    ...(log.cut ? [say('cut', MOST_READ)] : []),
  ];
}

function toldOfOne(f, store) {
  const known = f.calls > 0;
  const big = (text, what, concept) => {
    const number = bigNumber(what, concept);
    number.show(text);
    return number.box;
  };
  const put = () => {
    store.set(factsOf(f));
    document.querySelector('st-widget[data-kind=slip]')?.scrollIntoView();
  };
  return node('section', {},
    node('p', { class: 'st-row-title' }, f.name),
    node('div', { class: 'st-numbers' },
      big(show(f.usd, 'usd'), 'for these lines'),
      big(known ? show(f.waiting_share, 'percent') : 'unknown', 'of the time waiting', 'st-word-waiting'),
      ...(known ? [big(show(f.waiting_usd, 'usd'), 'for waiting', 'st-word-waiting')] : [])),
    ...LOG.lines.filter(([when]) => f[when] > 0).map(([, text]) => node('p', {}, fill(text, (name) => f[name]))),
    node('p', {}, LOG.says.no_month), button(LOG.says.put, put));
}
