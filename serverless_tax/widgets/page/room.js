// The room's guesses: bars that follow the counts, and the answer when it is asked for.

const startRooms = () => document.querySelectorAll('.st-room-guesses').forEach(startRoom);

function startRoom(room) {
  const inputs = [...room.querySelectorAll('input')];
  const bars = [...room.querySelectorAll('.st-room-bar span')];
  const ranges = [...room.querySelectorAll('tbody tr')];
  const says = room.querySelector('.st-room-says');
  const show = room.querySelector('.st-room-show');

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
    show.textContent = open ? 'Hide the answer' : 'Show the answer';
    draw();
  };

  show.hidden = false;
  show.addEventListener('click', toggle);
  inputs.forEach((input) => input.addEventListener('input', draw));
  draw(); // what the browser kept over a reload
}
