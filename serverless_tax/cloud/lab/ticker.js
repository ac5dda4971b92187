// The row under a running cell: what its invocations have cost so far. The kernel says what began,
// at which rate, and what ended; the seconds pass here.

const TICK_MS = 100;
const ROWS = 4;

const usd = (dollars) => `$${dollars.toFixed(7)}`;
const seconds = (ms) => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
const count = (number) => number.toLocaleString('en-US', { maximumFractionDigits: 0 });

function line(className) {
  const [text, bar, busy] = ['span', 'span', 'span'].map((name) => document.createElement(name));
  const row = document.createElement('p');
  row.className = className;
  bar.className = 'st-ticker-bar';
  bar.append(busy);
  row.append(text, bar);
  return { row, text, bar, busy };
}

function render({ model, el }) {
  const rows = Array.from({ length: ROWS }, () => line('st-ticker-row'));
  const sum = line('st-ticker-sum');
  sum.row.setAttribute('role', 'status');
  el.classList.add('st-ticker');
  el.append(...rows.map(({ row }) => row), sum.row);
  rows.forEach(({ row }) => row.setAttribute('aria-hidden', 'true')); // a listener hears the sum
  // Kernel and screen may be two machines, with two clocks.
  const ahead = Date.now() - model.get('now_ms');

  function draw() {
    const now = Date.now() - ahead;
    const running = model.get('running');
    const longest = Math.max(5000, ...running.map((one) => now - one.began_ms));
    rows.forEach(({ row, text, bar }, k) => {
      const one = running[k];
      row.hidden = !one;
      if (!one) return;
      const ms = Math.max(0, now - one.began_ms); // the clocks agree to a millisecond or two
      text.textContent = `${one.name}: ${seconds(ms)} on the meter, ${usd(ms * one.usd_per_ms)} so far`;
      bar.style.width = `${(100 * ms) / longest}%`;
    });
    const { invocations, billed_ms: billed, usd: paid, cpu_ms: cpu } = model.get('ended');
    const more = running.length > ROWS ? `${running.length - ROWS} more are running. ` : '';
    let said = `No invocation has ended in this cell. It has run for ${seconds(now - model.get('began_ms'))}.`;
    if (invocations) {
      const share = ((100 * cpu) / billed).toFixed(1);
      said = `${count(invocations)} ${invocations === 1 ? 'invocation' : 'invocations'} in this cell: billed ${count(billed)} ms, ${usd(paid)}. `
        + `The CPU worked for ${count(cpu)} ms of it (${share}%, green).`;
    }
    sum.bar.hidden = !invocations;
    sum.row.hidden = model.get('over') && !invocations; // such as a cell that deploys
    sum.busy.style.width = `${Math.min(100, (100 * cpu) / (billed || 1))}%`;
    if (sum.text.textContent !== more + said) sum.text.textContent = more + said;
    if (model.get('over')) clearInterval(timer);
  }

  const timer = setInterval(draw, TICK_MS);
  model.on('change', draw);
  draw();
  return () => clearInterval(timer);
}

export default { render };
