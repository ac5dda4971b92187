// What a reader guesses is kept in this browser alone, beside the answer, for the page of one's own guesses.

document.addEventListener('click', ({ target }) => {
  const asked = target.closest('st-predict');
  const guess = asked?.querySelector('.st-controls .st-big')?.textContent;
  if (!guess || target.textContent !== 'That is my guess') return;
  setTimeout(() => { // when the figure has answered
    const answer = asked.querySelector('.st-answer .st-big')?.textContent;
    if (!answer) return;
    try {
      const all = JSON.parse(localStorage.getItem('st-guesses')) ?? {};
      const on = new Date().toISOString().slice(0, 10);
      const title = document.title.split(' · ')[0];
      all[asked.dataset.question] = { guess, answer, on, title, page: location.pathname.split('/').at(-1) };
      localStorage.setItem('st-guesses', JSON.stringify(all));
    } catch {
      // A browser that keeps nothing for the page keeps no guess.
    }
  });
}, true);
