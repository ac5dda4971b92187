// The room's guesses: bars that follow the counts, and the answer when it is asked for.

function startRooms() {
  const rooms = [...document.querySelectorAll('.st-room-guesses')];
  const forget = rooms.map(startRoom);
  const clear = button('Clear all counts', () => forget.forEach((one) => one()));
  rooms[0].before(node('p', { class: 'st-room-tools' }, startProjector(rooms), ' ', clear));
}

// One question a screen, in large letters. The address says which, so that a reload shows it again.
function startProjector(rooms) {
  let at = -1;
  const where = node('span');
  const turn = (to) => {
    rooms.forEach((room, k) => room.toggleAttribute('data-shown', k === to));
    at = rooms[to] ? to : -1;
    bar.hidden = at < 0;
    setText(where, `${at + 1} of ${rooms.length}`);
    history.replaceState(null, '', at < 0 ? window.location.pathname : `?screen=${at + 1}`);
  };
  const by = (step) => turn(clamp(at + step, 0, rooms.length - 1));
  const bar = node(
    'nav', { class: 'st-room-bar-of-screens', 'aria-label': 'Questions', hidden: true },
    button('Previous', () => by(-1)), where, button('Next', () => by(1)), button('Leave', () => turn(-1)),
  );
  document.body.append(bar);
  document.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
    if (at < 0 || (event.target.matches('input') && event.key.startsWith('Arrow'))) return;
    if (event.key === 'Escape') turn(-1);
    if (step) by(step);
  });
  const asked = Number(new URLSearchParams(window.location.search).get('screen'));
  if (rooms[asked - 1]) turn(asked - 1);
  return button('One question a screen', () => turn(0));
}

// Counts of a room by its name; a browser that keeps nothing for a page forgets them at a reload.
function keptCounts(name, counts) {
  try {
    if (counts) localStorage.setItem(name, JSON.stringify(counts));
    return JSON.parse(localStorage.getItem(name)) || [];
  } catch {
    return [];
  }
}

function startRoom(room) {
  const inputs = [...room.querySelectorAll('input')];
  const bars = [...room.querySelectorAll('.st-room-bar span')];
  const ranges = [...room.querySelectorAll('tbody tr')];
  const says = room.querySelector('.st-room-says');
  const answer = room.querySelector('.st-room-show');

  const count = (input) => Math.max(0, Math.floor(Number(input.value)) || 0);

  const draw = () => {
    const counts = inputs.map(count);
    const all = counts.reduce((sum, one) => sum + one, 0);
    const most = Math.max(1, ...counts);
    counts.forEach((people, k) => { bars[k].style.width = `${(100 * people) / most}%`; });
    if (!all) {
      says.textContent = '';
      return;
    }
    // The guess of the person in the middle.
    let middle = 0;
    for (let seen = counts[0]; seen < all / 2; seen += counts[middle]) middle += 1;
    const right = counts[ranges.findIndex((row) => 'right' in row.dataset)];
    const open = room.dataset.open === 'yes';
    says.textContent = `${all} ${all === 1 ? 'guess' : 'guesses'}, the middle one ${ranges[middle].cells[0].textContent}.`
      + (open ? ` ${right} ${right === 1 ? 'was' : 'were'} in the right range.` : '');
  };

  const toggle = () => {
    const open = room.dataset.open !== 'yes';
    room.dataset.open = open ? 'yes' : 'no';
    room.querySelector('.st-room-answer').hidden = !open;
    answer.textContent = open ? 'Hide the answer' : 'Show the answer';
    draw();
  };

  answer.hidden = false;
  answer.addEventListener('click', toggle);
  const keep = () => keptCounts(room.id, inputs.map((input) => input.value));
  inputs.forEach((input) => input.addEventListener('input', () => { draw(); keep(); }));
  keptCounts(room.id).forEach((value, k) => { if (inputs[k]) inputs[k].value = value; });
  draw();
  return () => {
    inputs.forEach((input) => { input.value = ''; });
    keep();
    draw();
  };
}
