// What of a page's main column does not fit its place, as a list of sentences for a test's message.
() => {
  const wide = document.documentElement.clientWidth;
  const found = [];
  const say = (element) => {
    const text = (element.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 40);
    return `<${element.localName} class="${element.getAttribute('class') || ''}"> ${text}`;
  };
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const scrolls = (element) => {
    for (let up = element; up && up !== document.body; up = up.parentElement) {
      if (['auto', 'scroll'].includes(getComputedStyle(up).overflowX)) return true;
    }
    return false;
  };
  if (document.documentElement.scrollWidth > wide) {
    found.push(`the page is ${document.documentElement.scrollWidth - wide} px wider than its window`);
  }

  const main = document.querySelector('.bd-article, article') || document.body;
  for (const element of main.querySelectorAll('*')) {
    if (element.closest('svg, math, .MathJax') && element.localName !== 'svg') continue;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height || !shown(element)) continue;
    // Text for screen readers alone is moved away on purpose.
    if (element.closest('.st-sr, .sr-only, .visually-hidden')) continue;
    if ((box.right > wide + 1 || box.left < -1) && !scrolls(element)) {
      found.push(`beyond the window's edge: ${say(element)}`);
    }
    const style = getComputedStyle(element);
    const cut = ['hidden', 'clip'].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
    if (cut && element.closest('st-widget, st-predict') && element.innerText) {
      found.push(`cut off: ${say(element)}`);
    }
  }

  for (const table of document.querySelectorAll('.st-bill')) {
    const over = table.scrollWidth - table.clientWidth;
    if (over > 1) found.push(`${over} px of a table lie beside its box: ${say(table)}`);
  }

  // A phone has no bar that says a box scrolls; elsewhere the code to run is read without one.
  for (const listing of main.querySelectorAll(wide > 640 ? '.cell_input pre' : 'pre')) {
    const over = listing.scrollWidth - listing.clientWidth;
    if (shown(listing) && over > 1) found.push(`${over} px of a listing are out of sight: ${say(listing)}`);
  }

  // A bar that is held at the edge of the screen covers what scrolls under it, and is opaque.
  const held = (element) => {
    for (let up = element; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.position === 'sticky' && style.backgroundColor !== 'rgba(0, 0, 0, 0)') return up;
    }
    return null;
  };

  // Texts of one widget that lie on each other.
  for (const widget of document.querySelectorAll('st-widget, st-predict')) {
    const texts = [];
    const walker = document.createTreeWalker(widget, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.data.trim() || !parent || !shown(parent)) continue;
      if (parent.closest('title, desc, option, script, style, .st-sr, details:not([open])')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (box.width > 1 && box.height > 1) texts.push({ node, parent, box });
      }
    }
    for (let i = 0; i < texts.length; i += 1) {
      for (let j = i + 1; j < texts.length; j += 1) {
        const [a, b] = [texts[i], texts[j]];
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        const lower = Math.min(a.box.height, b.box.height);
        // Lines of text are set closer than their boxes are high.
        if (across <= 2 || down <= lower * 0.4 || a.parent === b.parent) continue;
        if (held(a.parent) === held(b.parent)) {
          found.push(`on each other: "${a.node.data.trim().slice(0, 30)}" and "${b.node.data.trim().slice(0, 30)}"`);
        }
      }
    }
  }
  return [...new Set(found)];
}
