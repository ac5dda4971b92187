// The concept inventory: answers that the page saves as a file, and a class's files as its gain.

const startInventories = () => document.querySelectorAll('.st-inventory').forEach(startInventory);

function startInventory(form) {
  const items = [...form.querySelectorAll('fieldset')];
  const says = form.querySelector('.st-inventory-says');
  const save = form.querySelector('.st-inventory-save');
  const chosen = (item) => item.querySelector('input:checked');
  const told = 'told' in form.dataset;

  const draw = () => {
    const left = items.filter((item) => !chosen(item)).length;
    setText(says, left ? `${items.length - left} of ${items.length} answered.`
      : 'All are answered. The file holds your answers and no name.');
    save.disabled = left > 0;
  };

  const tell = () => items.forEach((item) => {
    for (const means of item.querySelectorAll('.st-inventory-means')) {
      means.hidden = !means.previousElementSibling.querySelector('input').checked;
    }
  });

  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', () => {
    draw();
    if (told && form.dataset.saved) tell();
  });
  save.addEventListener('click', () => {
    const rows = items.map((item) => {
      const box = chosen(item);
      return `${form.dataset.form},${box.name},${box.value}\r\n`;
    });
    for (const area of form.querySelectorAll('textarea')) {
      rows.push(`${form.dataset.form},${area.name},"${area.value.trim().replaceAll('"', '""')}"\r\n`);
    }
    saveFile(`answers-${form.dataset.form}.csv`, `form,item,answer\r\n${rows.join('')}`);
    form.dataset.saved = 'yes';
    if (told) tell();
  });
  form.querySelector('.st-inventory-end').hidden = false;
  draw();
}

function saveFile(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = node('a', { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}

const startGains = () => document.querySelectorAll('.st-gains').forEach(startGain);

function startGain(gains) {
  const people = [...gains.querySelectorAll('.st-gain-people input')];
  const rows = [...gains.querySelectorAll('[data-item]')].map((row) => ({
    row, name: row.dataset.item, inputs: [...row.querySelectorAll('input')], shown: row.querySelector('.st-gain'),
  }));
  const says = gains.querySelector('.st-gain-says');
  const files = gains.querySelector('#gain-files');
  const forms = ['before', 'after'];
  const count = (input) => Math.max(0, Math.floor(Number(input.value)) || 0);

  const gainOf = (before, after) => (before < 1 ? normalisedGain({ right_before: before, right_after: after }).gain : null);

  const draw = () => {
    const asked = people.map(count);
    const shares = rows.map(({ inputs, shown }) => {
      const right = inputs.map(count);
      const known = asked.every((all, k) => all > 0 && right[k] <= all && inputs[k].value !== '');
      if (!known) {
        setText(shown, '');
        return null;
      }
      const share = right.map((one, k) => one / asked[k]);
      const gain = gainOf(...share);
      setText(shown, gain === null ? 'all knew it' : show(gain, 'percent'));
      return share;
    });
    const full = shares.filter(Boolean);
    const tooMany = rows.some(({ inputs }) => inputs.some((input, k) => asked[k] && count(input) > asked[k]));
    if (tooMany) {
      setText(says, 'An idea has more right answers than people who answered: check the counts.');
    } else if (!full.length) {
      setText(says, 'Type how many answered, and how many of them rightly, before and after.');
    } else {
      const mean = forms.map((_, k) => full.reduce((sum, share) => sum + share[k], 0) / full.length);
      const gain = gainOf(...mean);
      setText(says, `${show(mean[0], 'percent')} of the answers were right before and ${show(mean[1], 'percent')} after, over `
        + `${full.length} of ${rows.length} ideas: ${gain === null ? 'all knew everything before.' : `a gain of ${show(gain, 'percent')} of what was left to learn.`}`);
    }
  };

  // Each file is one person's answers of one form; whoever is in it has answered every item.
  const read = async () => {
    const texts = await Promise.all([...files.files].map((file) => file.text()));
    const seen = { before: 0, after: 0 };
    const right = Object.fromEntries(rows.map(({ name }) => [name, { before: 0, after: 0 }]));
    const unread = [];
    texts.forEach((text, k) => {
      const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/).filter(Boolean).map((line) => line.split(','));
      const [head, ...answers] = lines;
      const form = answers[0] && answers[0][0];
      const whole = head && head.join() === 'form,item,answer' && forms.includes(form)
        && new Set(answers.map(([, item]) => item)).size === rows.length && answers.length === rows.length
        && answers.every(([f, item]) => f === form && item in right);
      if (!whole) {
        unread.push(files.files[k].name);
        return;
      }
      seen[form] += 1;
      for (const [, item, answer] of answers) {
        const { row } = rows.find(({ name }) => name === item);
        right[item][form] += row.dataset[form] === answer ? 1 : 0;
      }
    });
    forms.forEach((form, k) => {
      people[k].value = seen[form];
      for (const { name, inputs } of rows) inputs[k].value = right[name][form];
    });
    draw();
    if (unread.length) setText(says, `${says.textContent} Not read, for it holds no answers of this inventory: ${unread.join(', ')}.`);
  };

  gains.addEventListener('input', (event) => (event.target === files ? read() : draw()));
  draw();
}
