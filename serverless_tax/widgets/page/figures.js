// What follows from a scenario. Figures of one source are computed together, when the first of them
// is asked for: what nobody looks at costs nothing.

const placeOfFigure = new Map(SOURCES.flatMap(([compute, names]) =>
  names.split(' ').map((name, k) => [name, { compute, k }])));

function figuresOf(values) {
  const computed = new Map();
  const get = (_, name) => {
    const place = placeOfFigure.get(name);
    if (!place) throw new Error(`This page has no figure “${String(name)}”: its widget must name it.`);
    if (!computed.has(place.compute)) computed.set(place.compute, place.compute(values, PRICES));
    return computed.get(place.compute)[place.k];
  };
  return new Proxy({}, { get });
}
