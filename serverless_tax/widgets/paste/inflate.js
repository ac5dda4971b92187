// What is packed in base64, with gzip, zlib or neither, as text; a page has no such thing that answers at once.

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function unpacked(text) {
  const plain = text.replace(/\s|\\+[rn]|\\+(?=\/)|^0?x(?=[\da-f]{9})/g, '').replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (plain.length < 16 || !/^[0-9A-Za-z+/]+$/.test(plain)) return null;
  let bytes = plain.match(/../g).map((pair) => parseInt(pair, 16));
  if (!/^(?:[\da-f]{2})+$/i.test(plain)) {
    bytes = [];
    for (let k = 0; k + 1 < plain.length; k += 4) {
      const triple = [0, 1, 2, 3].reduce((bits, n) => (bits << 6) | BASE64.indexOf(plain[k + n] ?? 'A'), 0);
      bytes.push((triple >> 16) & 255, (triple >> 8) & 255, triple & 255);
    }
    bytes.length = (plain.length * 3) >> 2;
  }
  try {
    const head = (bytes[0] << 8) | bytes[1];
    const size = head === 8075 ? 10 : bytes[0] === 120 && !(head % 31) ? 2 : 0;
    if (head === 16986 || head === 64823) return LOG.cut_off; // bz2 and xz, which no page unpacks
    const out = [];
    const isCut = inflatedAll(bytes, size, out);
    let inside = utf8(out);
    if (finds('of_logs', inside)) inside += isCut ? LOG.cut_off : '';
    else if (!size || !inside) inside = utf8(bytes).replaceAll('\0', '');
    return unpacked(inside) ?? inside;
  } catch {
    return null;
  }
}

function utf8(bytes) {
  const pieces = [];
  for (let k = 0; k < bytes.length; k += 1) {
    const more = bytes[k] < 0x80 || bytes[k] > 247 ? 0 : bytes[k] < 224 ? 1 : bytes[k] < 240 ? 2 : 3;
    let code = more ? bytes[k] & (63 >> more) : bytes[k];
    for (let n = 0; n < more; n += 1) code = (code << 6) | (bytes[k += 1] & 63);
    pieces.push(String.fromCodePoint(code & 0xfffff));
  }
  return pieces.join('');
}

// Members of gzip or zlib (RFC 1952, 1950) around RFC 1951. Whether they were cut off.
function inflatedAll(bytes, size, out) {
  let at = 0;
  while (size ? bytes[at] === bytes[0] : !at) {
    const flags = size > 2 ? bytes[at + 3] : 0;
    at += size;
    if (flags & 4) at += 2 + bytes[at] + 256 * bytes[at + 1];
    for (const flag of [8, 16]) if (flags & flag) while (bytes[at++]);
    if (flags & 2) at += 2;
    try {
      at = inflated(bytes, at, out) + (size > 2 ? 8 : size * 2);
    } catch {
      return true;
    }
  }
  return !size && at < bytes.length;
}

function inflated(bytes, begin, out) {
  let bit = begin * 8;
  const take = (count) => {
    let value = 0;
    for (let n = 0; n < count; n += 1, bit += 1) value |= ((bytes[bit >> 3] >> (bit & 7)) & 1) << n;
    if (bit > bytes.length * 8) throw Error();
    return value;
  };
  const tree = (lengths) => {
    const codes = new Map();
    for (let length = 1, code = 0; length < 16; length += 1, code <<= 1) {
      lengths.forEach((one, symbol) => { if (one === length) codes.set(code++ | (1 << length), symbol); });
    }
    return () => {
      for (let code = 1, n = 0; n < 16; n += 1) {
        code = (code << 1) | take(1);
        if (codes.has(code)) return codes.get(code);
      }
      throw Error();
    };
  };
  for (let last = 0; !last;) {
    last = take(1);
    const kind = take(2);
    if (kind === 0) {
      bit = (bit + 7) & ~7;
      const size = take(16);
      if (size + take(16) !== 65_535) throw Error();
      for (let n = 0; n < size; n += 1) out.push(take(8));
      continue;
    }
    let lengths = Array.from({ length: 288 }, (_, k) => (k < 144 ? 8 : k < 256 ? 9 : k < 280 ? 7 : 8));
    let far = Array(30).fill(5);
    if (kind === 2) {
      const [literals, distances, count] = [take(5) + 257, take(5) + 1, take(4) + 4];
      const first = Array(19).fill(0);
      for (let n = 0; n < count; n += 1) first[ORDER[n]] = take(3);
      const next = tree(first);
      const all = [];
      while (all.length < literals + distances) {
        const symbol = next();
        if (symbol < 16) all.push(symbol);
        else if (symbol === 16) all.push(...Array(3 + take(2)).fill(all.at(-1)));
        else all.push(...Array(symbol === 17 ? 3 + take(3) : 11 + take(7)).fill(0));
      }
      [lengths, far] = [all.slice(0, literals), all.slice(literals)];
    }
    const [literal, distance] = [tree(lengths), tree(far)];
    for (let symbol = literal(); symbol !== 256; symbol = literal()) {
      if (symbol < 256) out.push(symbol);
      else {
        const k = symbol - 257;
        const length = k < 8 ? k + 3 : k === 28 ? 258 : ((4 | (k & 3)) << ((k >> 2) - 1)) + 3 + take((k >> 2) - 1);
        const d = distance();
        const back = d < 2 ? d + 1 : ((2 | (d & 1)) << ((d >> 1) - 1)) + 1 + take((d >> 1) - 1);
        for (let n = 0; n < length; n += 1) out.push(out[out.length - back]);
      }
      if (out.length > MOST_READ * 4) throw Error();
    }
  }
  return Math.ceil(bit / 8);
}
