// Elements may be brought to life only when the parser has read what is inside them.
function whenRead(start) {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();
}
