// One Python for one page: Pyodide in a worker, which runs cells as they are asked for.

const say = (kind, more = {}) => postMessage({ kind, ...more });
// What Python may hold: a phone has no more to give, and a cell that never ends would take 4 GB.
const MOST_MB = 512;
let session = null;
let Cell = null;
let library = null; // the Python that has started
let isWarm = false;
let bytes = 0; // that have come
// What is imported and not fetched; the second by the first.
const MODULES = ['pyodide.mjs', 'pyodide.asm.js'];

// Pyodide waits for ever for a part that did not come, or not to its end.
function lost(error) {
  if (session) return;
  hush();
  say('failed', { text: `${error.message}: is the network there?` });
}

// What is said already is no error of the page.
function hush() {
  for (const kind of ['error', 'unhandledrejection']) addEventListener(kind, (event) => event.preventDefault());
}

// Tells how many bytes have come, and takes the packed form of what is large and not packed.
function countBytes() {
  const plain = self.fetch;
  self.fetch = async (what, how) => {
    const url = String(what.url ?? what);
    const isPacked = /\.(?:wasm|tar)$/.test(url);
    const answer = await plain(isPacked ? `${url}.gz` : what, how).catch((error) => {
      lost(error);
      throw error;
    });
    if (!answer.ok) lost(new Error(`${url} answers ${answer.status}`));
    if (!answer.ok || !answer.body) return answer;
    const counter = new TransformStream({
      transform(block, passed) {
        bytes += block.byteLength;
        say('loads', { bytes });
        passed.enqueue(block);
      },
    });
    answer.body.pipeTo(counter.writable).catch(lost);
    let body = counter.readable;
    if (isPacked && !answer.headers.get('Content-Encoding')) body = body.pipeThrough(new DecompressionStream('gzip'));
    const headers = url.endsWith('.wasm') ? { 'Content-Type': 'application/wasm' } : answer.headers;
    return new Response(body, { status: answer.status, headers });
  };
}

// Python is told that there is no more memory, and raises a MemoryError.
function limitMemory() {
  const { grow } = WebAssembly.Memory.prototype;
  WebAssembly.Memory.prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * 65_536 > MOST_MB * 2 ** 20) throw new RangeError('full');
    return grow.call(this, pages);
  };
}

async function bytesOf(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

// While Python imports something it cannot wait, so what it lacks is fetched while it stands still.
function bytesAtOnce(url) {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.responseType = 'arraybuffer';
  try {
    request.send();
  } catch {
    throw new Error(`${url} did not come: is the network there?`);
  }
  if (request.status !== 200) throw new Error(`${url} answers ${request.status}`);
  return new Uint8Array(request.response);
}

// Lays the files of a tar where their names say: Python's own reader takes seconds for it.
function lay(FS, tar) {
  const text = (at, length) => new TextDecoder().decode(tar.subarray(at, at + length)).replace(/\0.*$/s, '');
  const made = new Set(); // asking for a folder that is there costs more than writing a file
  for (let at = 0; tar[at]; ) {
    const path = [text(at + 345, 155), text(at, 100)].join('/').replace(/^\/*/, '/');
    const size = parseInt(text(at + 124, 12), 8);
    const folder = path.replace(/\/[^/]*$/, '');
    if (!made.has(folder)) FS.mkdirTree(folder);
    made.add(folder);
    FS.writeFile(path, tar.subarray(at + 512, at + 512 + size), { canOwn: true });
    at += 512 * (1 + Math.ceil(size / 512));
  }
}

async function start({ set, stdlib, rest, folder }) {
  countBytes();
  limitMemory();
  self.close = () => say('ended', { text: 'a cell closed it' }); // or its page would wait for ever
  const kept = Promise.all([bytesOf(rest), bytesOf(`${set}pyodide-lock.json`)]);
  const { loadPyodide } = await import(`${set}pyodide.mjs`);
  const python = await loadPyodide({ indexURL: set, stdLibURL: stdlib, env: { MPLBACKEND: 'agg' } });
  python._api.on_fatal = ({ message }) => {
    hush();
    say('ended', { text: message });
  };
  const [packed, lock] = await kept;
  for (const name of MODULES) say('loads', { bytes: (bytes += performance.getEntriesByName(set + name).at(-1)?.decodedBodySize ?? 0) });
  say('starts');
  lay(python.FS, packed);
  python.pyimport('importlib').invalidate_caches();
  python.FS.mkdirTree(`/tree/${folder}`);
  python.pyimport('os').chdir(`/tree/${folder}`);
  const bring = (name) => {
    say('brings', { name });
    return python.toPy(bytesAtOnce(set + name));
  };
  const made = python.pyimport('serverless_tax.book.python.session');
  const layBytes = (bytes) => {
    const taken = bytes.getBuffer('u8');
    lay(python.FS, taken.data);
    taken.release();
  };
  python.pyimport('serverless_tax.book.python.wheels').bring_when_imported(new TextDecoder().decode(lock), bring, layBytes);
  python.pyimport('serverless_tax.book.python.lacks').fill_in();
  Cell = made.Cell;
  library = python;
  session = made.Session((cell, what, text) => say('cell', { cell, what, text }));
  say('ready', { most: MOST_MB, version: python.runPython('import sys; ".".join(map(str, sys.version_info[:2]))') });
}

async function run({ cells, address }) {
  const ran = await session.run(cells.map(([name, code]) => Cell(name, code)), address);
  say('ran', { ran });
}

async function check({ label, cells, address }) {
  const ran = await session.check(label, cells.map(([name, code]) => Cell(name, code)), address);
  say('ran', { ran });
}

// What a cell will want takes seconds: it is had while its reader still types.
function warm() {
  if (isWarm) return;
  isWarm = true;
  try {
    library.pyimport('matplotlib.pyplot');
  } catch {
    // the cell that imports it says why
  }
}

const does = { start, run, check, warm, forget: () => session.forget() };
let before = Promise.resolve();
addEventListener('message', ({ data }) => {
  before = before.then(() => does[data.does](data)).catch((error) => say('failed', { text: String(error.message ?? error) }));
});
