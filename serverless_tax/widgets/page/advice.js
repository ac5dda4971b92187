// The advice in a sentence, and its sum: the twin of serverless_tax/questions/advise.py and sentence.py.

const putInto = (text, said) => text.replace(/\{(\w+)\}/g, (_, name) => said[name]);

const hoursInWords = (advice, hours) =>
  `${advice.counted[hours] ?? show(hours, 'count')} hour${hours === 1 ? '' : 's'}`;

const commandOf = ({ do: text }, f) => fill(text, () => f.decided_size_mb);

const commandsOf = (steps, f) => steps.map((step) => commandOf(step, f))
  .map((one, k) => (k ? one[0].toLowerCase() + one.slice(1) : one)).join(', then ');

const stepsOf = (changes, f) => changes.filter(({ slug }) => f[`decided_${slug}_open`]);

const savingOf = (f) => f.rung_as_it_is_usd - f.decided_usd;

// What to do where these figures hold: of a range's end, what earns dollars.
function sentenceOf(advice, changes, f, isEnd) {
  const { says } = advice;
  const steps = stepsOf(changes, f);
  const speeds = { now: show(f.decided_now_ms / 1000, 's'), then: show(f.decided_then_ms / 1000, 's') };
  let sentence = says.nothing;
  if (steps.length) {
    const saving = savingOf(f);
    const kind = f.decided_short_open && saving < 0 ? 'more' : 'less';
    const hours = hoursInWords(advice, f.decided_hours);
    sentence = putInto(says[kind], { do: commandsOf(steps, f), usd: show(Math.abs(saving), 'usd'), hours });
  } else if (f.decided_faster_open && !isEnd) {
    const hours = hoursInWords(advice, changes[0].hours);
    return putInto(says.faster, { do: commandOf(changes[0], f), hours, ...speeds });
  }
  if (!f.decided_faster_open || steps[0] === changes[0]) return sentence;
  return putInto(says.also, { sentence, mb: show(f.decided_size_mb, 'mb'), ...speeds });
}

function sumOf(advice, f, hourUsd) {
  if (!f.said_hours) return '';
  const months = !hourUsd || f.said_payback_months > advice.longest_months ? null : f.said_payback_months;
  const usd = { start: f.rung_as_it_is_usd, total: f.said_usd, saved: (f.rung_as_it_is_usd - f.said_usd) * 12, year: f.said_year_usd, hour: hourUsd };
  return putInto(advice.says[months === null ? 'in_hours' : 'sum'], {
    ...Object.fromEntries(Object.entries(usd).map(([name, one]) => [name, show(one, 'usd')])),
    hours: show(f.said_hours, 'count'),
    payback: show(months, 'months'),
  });
}

// How many calls there can be: as many as fill the wait, where the longest is known.
function callsOf({ calls }, { longest_ms: longest, retrieve_ms: lookup, generate_ms: wait, memory_mb: memory, unsplit }) {
  if (!longest || wait === null || memory === null || unsplit) return calls;
  const least = clamp(Math.ceil((lookup + wait) * 0.99 / longest), 1, calls.at(-1));
  return [least, ...calls.filter((one) => one > least)];
}

// What each unknown fact can be, in the order of Facts: null is unknown, and so is a peak of 0.
function endsOf({ ends: at }, facts) {
  const isUnknown = (name) => facts[name] === null;
  const ends = {};
  const [leastMb, mostMb] = at.memory_mb;
  if (isUnknown('memory_mb')) {
    const least = clamp(Math.floor(facts.peak_memory_mb) + 1, leastMb, mostMb);
    ends.memory_mb = [...new Set([least, Math.max(least, at.whole_mb), mostMb])];
  }
  const largest = ends.memory_mb?.at(-1) ?? facts.memory_mb;
  if (!facts.peak_memory_mb && !facts.out_of_memory && largest > leastMb) ends.peak_memory_mb = [0, 1];
  if (facts.unsplit && !lengthsLeft(facts).length) ends.unsplit = [0, 1];
  if (isUnknown('calls')) ends.calls = callsOf(at, facts);
  if (isUnknown('in_order') && facts.calls !== 1) ends.in_order = [1, 0];
  if (facts.in_order === 0 && !facts.longest_ms && (facts.calls ?? 2) > callsTold(facts)) ends.longest_ms = [at.limit_ms, 0];
  for (const name of ['reads_along', 'sees_answer', 'own_process', 'other_vendor']) {
    if (isUnknown(name)) ends[name] = [1, 0];
  }
  for (const name of ['hour_usd', 'effective_rate']) if (isUnknown(name)) ends[name] = at[name];
  return ends;
}

// The lengths that are unknown: the work first.
const lengthsLeft = (facts) => ['receive_ms', 'generate_ms'].filter((name) => facts[name] === null);

// Each way things may be: which end of each unknown it takes, its values, and its figures.
function waysOf(advice, facts) {
  const { limit_ms: limit, lengths_ms: lengths } = advice.ends;
  const left = lengthsLeft(facts);
  const noWork = { receive_ms: 0, prompt_ms: 0, call_ms: 0 };
  const none = { ...(facts.receive_ms === null && noWork), ...(facts.generate_ms === null && { generate_ms: 0 }) };
  let ways = [{ at: {}, values: { ...facts, ...none, in_order: facts.in_order ?? 1 } }];
  const among = (name, valuesOf) => {
    ways = ways.flatMap(({ at, values }) => valuesOf(values).map((value, k) =>
      ({ at: { ...at, [name]: k }, values: { ...values, [name]: value } })));
  };
  for (const [name, values] of Object.entries(endsOf(advice, facts))) among(name, () => values);
  for (const { at, values } of ways) {
    if ('peak_memory_mb' in at) values.peak_memory_mb *= values.memory_mb - 1;
    if (at.unsplit) Object.assign(values, noWork, { receive_ms: figuresOf(values).all_work_ms, generate_ms: 0 });
  }
  for (const name of left) {
    among(name, (values) => {
      const ms = Math.max(Math.floor(limit - figuresOf(values).decided_now_ms), 0);
      const most = name in noWork ? figuresOf({ ...values, generate_ms: ms }).all_work_ms : ms;
      return lengths[name].filter((one) => one < most).concat(most);
    });
  }
  return ways.map((way) => ({ ...way, f: figuresOf(way.values) }));
}

const spreadOf = (numbers) => Math.max(...numbers) - Math.min(...numbers);

// The unknown fact that would leave the narrowest range, on average over its ends.
function narrowest(ways) {
  const left = (name) => {
    const years = Object.values(Object.groupBy(ways, ({ at }) => at[name]));
    return years.reduce((sum, each) => sum + spreadOf(each.map(({ f }) => f.decided_year_usd + SAME_USD * f.decided_faster_open)), 0) / years.length;
  };
  const name = Object.keys(ways[0].at).reduce((best, one) => (left(one) < left(best) ? one : best));
  return name === 'unsplit' ? 'receive_ms' : name;
}

const SAME_USD = 0.005;

// What the first year leaves at least: the twin of _least_year_usd.
function leastYear({ ends: { between } }, changes, ways) {
  const worths = ({ f }) => ['tuned', ...changes.slice(2).map(({ slug }) => slug)].map((name) => f[`worth_${name}_usd`]);
  const groups = Object.groupBy(ways, ({ at }) => JSON.stringify({ ...at, ...between }));
  return Math.min(...ways.map(({ f }) => f.decided_year_usd), ...Object.values(groups).map((group) =>
    Math.max(...group.map(worths).reduce((one, other) => one.map((usd, k) => Math.min(usd, other[k]))))));
}

// The advice on what is known, and the figures of least and of most worth; `ends` where it is a range,
// `noEnd` where it can be anything. What cannot be, that Lambda cannot serve the requests, or that they
// end without an answer, comes first: `first` is one thing to do or to know, and `rest` the others.
function adviceOf(advice, changes, told) {
  const only = told.generate_ms === null && told.calls === 1 && !told.retrieve_ms && told.longest_ms;
  const facts = only ? { ...told, generate_ms: only } : told;
  const said = adviceInTime(advice, changes, facts);
  const { says, ends } = advice;
  const { why, fits, cannot, late, full, nothing, beside, contradict } = says;
  const both = [said.least.f, said.most.f];
  const wrong = [
    ...(both.every((f) => f.decided_now_ms > ends.limit_ms) ? [why, both.every((f) => f.decided_short_open) ? fits : cannot] : []),
    ...(facts.times_out ? [late] : []),
    ...((facts.out_of_memory || facts.peak_memory_mb === facts.memory_mb) && Math.max(facts.memory_mb, facts.peak_memory_mb * ends.headroom) >= ends.memory_mb[1] ? [full] : []),
  ];
  const refused = facts.peak_memory_mb > (facts.memory_mb ?? Infinity) && !facts.out_of_memory ? [putInto(says.above, { peak: show(facts.peak_memory_mb, 'mb'), memory: show(facts.memory_mb, 'mb') })] : cannotBe(facts) && [contradict];
  const parts = refused || [...wrong, ...(wrong.length && said.parts[0] === nothing ? [beside, ...said.parts.slice(1)] : said.parts)]
    .map((one, k) => (k ? one.replace('First find', 'Then find') : one));
  return { ...said, facts, ...(refused && { sum: '', noEnd: true }), sentence: parts.join(' '), first: parts[0], rest: parts.slice(1).join(' ') };
}

const callsTold = (facts) => Math.max((facts.retrieve_ms > 0) + (facts.generate_ms !== 0), 1);

// Whether the longest call is none of the calls that fill the waiting.
function cannotBe(facts) {
  const { retrieve_ms: lookup, generate_ms: wait, longest_ms: longest, calls } = facts;
  const fill = facts.unsplit ? 0 : (lookup + wait) / Math.max(calls ?? Infinity, callsTold(facts));
  return longest && wait !== null && (longest > (lookup + wait) * 1.01 || longest < Math.max(lookup, fill) * 0.99);
}

function adviceInTime(advice, changes, facts, isAny) {
  const left = lengthsLeft(facts);
  const noEnd = left.length > 0 || facts.memory_mb === null;
  if (!facts.requests_per_month) {
    return noEnd ? adviceInTime(advice, changes, { ...facts, requests_per_month: 1e6 }) : adviceForAny(advice, changes, facts);
  }
  const { says } = advice;
  const ways = waysOf(advice, facts);
  const years = ways.map(({ f }) => f.decided_year_usd);
  const does = ({ f }) => [...stepsOf(changes, f).map((step) => commandOf(step, f)),
    f.decided_faster_open && [f.decided_size_mb, f.decided_now_ms, f.decided_then_ms]].join();
  const alike = new Set(ways.map(does)).size === 1;
  const small = !noEnd && !isAny && ways.every(({ f, values }) => f.rung_as_it_is_usd * 12 <= changes[0].hours * values.hour_usd);
  const idle = alike && !ways.some(({ f }) => stepsOf(changes, f)[0]);
  const totals = ways.map(({ f }) => f.decided_usd);
  const top = Math.max(...years);
  const noDollars = spreadOf(years) < SAME_USD && !(isAny && Math.abs(top) < SAME_USD);
  const order = idle ? totals : noDollars ? ways.map(({ f }) => f.decided_faster_open) : years;
  const [least, most] = [Math.min, Math.max].map((end) => ways[order.indexOf(end(...order))]);
  const isOneBill = spreadOf(totals) < SAME_USD;
  const [smaller, larger] = [least.f, most.f].sort((a, b) => a.decided_size_mb - b.decided_size_mb);
  const orMore = smaller.decided_size_mb < larger.decided_size_mb ? says.or_more : '';
  const needed = smaller.decided_short_open && larger.decided_short_open
    ? [putInto(says.needed, { do: commandOf(changes[0], smaller) + orMore })] : [];
  if (!noEnd && (idle || (alike && isOneBill && spreadOf(ways.map(({ f }) => savingOf(f))) < SAME_USD))) {
    const isOne = isOneBill && facts.hour_usd !== null;
    return { parts: [sentenceOf(advice, changes, most.f)], sum: sumOf(advice, most.f, facts.hour_usd), needed, alike, least: isOne ? most : least, most, ways };
  }
  const worst = leastYear(advice, changes, ways);
  const ends = { low: show(worst, 'usd'), high: show(top, 'usd') };
  const kindOfEnds = top - worst < SAME_USD ? 'no_dollars' : Math.abs(worst) < SAME_USD ? 'perhaps' : 'ends';
  ends.ends = putInto(says[noEnd ? 'no_end' : kindOfEnds], ends);
  const common = stepsOf(changes, most.f).filter((step) => !most.f.decided_short_open && ways.every(({ f }) =>
    f[`decided_${step.slug}_open`] && commandOf(step, f) === commandOf(step, most.f)));
  const kind = !common.length ? 'first' : alike && !noEnd && worst > 0 ? 'surely' : 'partly';
  const [what, how] = advice.ask[!noEnd ? narrowest(ways) : left.length > 1 ? 'took_ms' : left[0] ?? 'memory_mb'];
  const parts = small ? (needed[0] ? [...needed, says.beside] : [says.nothing, putInto(says.sooner, { what, how })]) : null;
  const told = putInto(says[kind], { what, how, ...ends,
    do: commandsOf(common, most.f), hours: hoursInWords(advice, common.reduce((sum, { hours }) => sum + hours, 0)) });
  const [low, high] = [least, most].map(({ f }) => sentenceOf(advice, changes, f, 1));
  const less = worst < least.f.decided_year_usd - SAME_USD ? `${putInto(says.between, ends)} ` : '';
  const sum = noEnd ? '' : `${less}Worth least: ${low} Worth most: ${high}`;
  return { parts: parts ?? [...needed, told], sum: small && needed[0] ? '' : sum, ends: ends.ends, noEnd, needed, least, most, ways };
}

// The advice where it is not known how many requests there are: on a million, with the number below
// which nothing pays, in the first power of ten at which something does in any way.
function adviceForAny(advice, changes, facts) {
  const { says } = advice;
  const said = adviceInTime(advice, changes, { ...facts, requests_per_month: 1e6 }, true);
  // What pays where an answer rules more out, or an hour costs more, pays where it does not too.
  const open = said.ways.filter(({ at }) => !(at.in_order === 0 || at.sees_answer === 0 || at.own_process || at.other_vendor || at.hour_usd));
  let [high, first] = [0];
  for (let at = 1; at <= 1e12 && !high; at *= 10) {
    for (const { values } of open) {
      const of = (requests_per_month) => figuresOf({ ...values, requests_per_month });
      const pays = (requests) => {
        const f = of(requests);
        return (!said.ends && f.decided_faster_open) || stepsOf(changes, f)[0];
      };
      if (!pays(high / 1.00001 || at)) continue;
      let low = at / 10;
      high ||= at;
      while (at > 1 && high > low * 1.00001) {
        const middle = Math.sqrt(low * high);
        if (pays(middle)) high = middle; else low = middle;
      }
      first = of(high);
    }
  }
  if (!high) return said;
  const unit = 10 ** Math.max(Math.floor(Math.log10(high)) - 2, 0);
  const below = high > 1 ? [putInto(says.below, { requests: show(Math.ceil(high / unit) * unit, 'count') })] : [];
  const [what, how] = advice.ask.requests_per_month;
  const told = [...said.needed, putInto(says.requests, { what, how }), ...below];
  const steps = stepsOf(changes, first);
  if (high > 1e6 && steps[0]) return { ...said, parts: [...told, putInto(says.from, { do: commandsOf(steps, first) })] };
  const once = (text, one) => text.replace(one, '').replace(`${one.split(':')[0]}:`, '').trim(); // what is needed
  return { ...said, parts: [...told, putInto(says.million, { sentence: said.needed.reduce(once, said.ends ?? said.parts[0]) })] };
}

// What the dollars take for granted.
function assumedOf({ assumes, ends }, v, { least, most }) {
  const say = (key, when, said) => (when ? [putInto(assumes[key], said)] : []);
  const [mb, peak] = [v.memory_mb ?? 1e5, v.peak_memory_mb];
  const short = v.out_of_memory || peak === mb;
  return [
    assumes.prices,
    ...say(v.effective_rate === null ? 'any_rate' : 'rate', v.effective_rate !== 1, { rate: show(v.effective_rate, 'percent') }),
    ...say(short && peak <= mb ? 'doubted' : 'peak', peak, { peak: show(peak, 'mb') }),
    ...say(v.requests_per_month ? 'requests' : 'million', 1, { requests: show(v.requests_per_month, 'requests') }),
    ...say(v.hour_usd === null ? 'any_hour' : 'hour', 1, { hour: show(v.hour_usd, 'usd') }),
    ...say('memory', !short),
    ...say('thread', v.memory_mb > ends.whole_mb && (v.receive_ms === null || v.unsplit || v.receive_ms + v.prompt_ms + v.call_ms + v.output_tokens * v.cpu_ms_per_output_token)),
    ...say('calls', v.calls === null && (v.retrieve_ms || v.generate_ms !== 0)),
    ...say('slower', Math.max(Math.ceil(peak * ends.headroom), ends.memory_mb[0]) < mb && !v.times_out),
    ...say('suspended', least.f.decided_suspended_open || most.f.decided_suspended_open),
  ];
}

// Dollars from the least to the most of what may be; one amount where both are shown alike.
const rangeOf = (said, read) => (said.noEnd ? 'unknown' : [...new Set([said.least, said.most].map(({ f }) => read(f))
  .sort((a, b) => a - b).map((usd) => show(usd, 'usd')))].join(' to '));

const isRange = (said, store) => said.least !== said.most || !store.facts().requests_per_month;

const commandFor = (store) => `serverless-tax decide --scenario '${writeAddress(store.preset, store.facts())}'`;
