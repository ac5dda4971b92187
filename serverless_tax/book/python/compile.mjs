// Compiles what cells import for the Python of a set, by that Python: node compile.mjs SET WORK
// WORK has the folders stdlib, site and more; the lines of asked.py import what is to be compiled in
// the first two, those of drawn.py what is in the third, and leave there what drawing makes once.
import { pathToFileURL } from 'node:url';

const [set, work] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${set}/pyodide.mjs`).href);
const python = await loadPyodide({ indexURL: `${set}/`, env: { MPLBACKEND: 'agg' } });
python.mountNodeFS('/packing', work);
python.runPython(`
import importlib._bootstrap_external as bytecode
import os, sys
from importlib.util import cache_from_source, source_hash

sys.dont_write_bytecode = True
for folder, asked in (("site", "asked.py"), ("more", "drawn.py")):
    sys.path.insert(0, "/packing/" + folder)
    exec(open("/packing/" + asked).read(), {})
zipped = "/lib/python{}{}.zip/".format(*sys.version_info)
installed = "/lib/python{}.{}/site-packages/".format(*sys.version_info)
for module in list(sys.modules.values()):
    path = getattr(module, "__file__", None) or ""
    for known_as, lies, will_lie in (
        (zipped, "/packing/stdlib/", zipped), *((at, at, installed) for at in ("/packing/site/", "/packing/more/"))
    ):
        source = path.replace(known_as, lies)
        if not path.startswith(known_as) or not path.endswith(".py") or not os.path.exists(source):
            continue
        text = open(source, "rb").read()
        code = compile(text, path.replace(known_as, will_lie), "exec", dont_inherit=True)
        if "/serverless_tax/" in source:  # whose sources a reader may look into
            made = cache_from_source(source)
            os.makedirs(os.path.dirname(made), exist_ok=True)
        else:
            made = source + "c"
            os.unlink(source)
        with open(made, "wb") as file:
            file.write(bytecode._code_to_hash_pyc(code, source_hash(text), False))
`);
process.exit(0);
