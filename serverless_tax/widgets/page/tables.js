// A table that scrolls inside itself must be within a keyboard's reach.
function makeTablesReachable() {
  for (const table of document.querySelectorAll('.st-bill')) {
    const caption = table.querySelector('caption');
    table.setAttribute('tabindex', '0');
    table.setAttribute('role', 'region');
    table.setAttribute('aria-label', caption ? caption.textContent : 'a bill');
  }
}
