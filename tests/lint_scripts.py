"""Lint the scripts: each file by itself, and the widgets' once more where they share a scope.

The build joins the widgets' files, so whether a name is defined, and whether anything uses it, can
be told of the joined scripts alone: that of the pages and that of Jupyter. What one of them has no
use for is unused only if no other has.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from serverless_tax.widgets.build import module_script, page_script
from serverless_tax.widgets.widget import kinds

ROOT = Path(__file__).resolve().parent.parent
OXLINT = Path(sys.executable).with_name("oxlint")
CONFIG = ROOT / ".oxlintrc.json"
#: The traced model multiplies by the constant that a switch is, and computes what one page shows.
NAMES_ALONE = ("-A", "all", "-D", "no-undef", "-D", "no-unused-vars")
UNUSED = re.compile(r"'([^']+)' is (?:declared|assigned)")


#: A page with everything that a script brings to life.
WHOLE = (
    "".join(f'<st-widget data-kind="{kind}"></st-widget>' for kind in kinds())
    + '<st-value name="month_usd"></st-value><st-input name="memory_mb"></st-input>'
    + '<st-predict></st-predict><div class="st-bill"></div><form class="st-room-guesses"></form>'
)


def joined() -> dict[str, str]:
    """Return each script that is made of the widgets' files, by a name for it."""
    of_jupyter = {f"{kind}.js": module_script(kind) for kind in kinds()}
    return {"page.js": page_script(WHOLE), **of_jupyter}


def wrong_names(scripts: dict[str, str]) -> list[str]:
    """Return a sentence for each name that is not defined, or that no script has a use for."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in scripts.items():
            Path(folder, name).write_text(text, "utf-8")
        command = [OXLINT, "--config", CONFIG, *NAMES_ALONE, "--format=json", "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["diagnostics"]
    if not found and done.returncode != 0:
        return [done.stdout + done.stderr]
    unused: dict[str, dict[str, str]] = {}
    sentences = []
    for one in found:
        said = f"{one['filename']}: {one['message']}"
        name = UNUSED.search(one["message"])
        if name:
            unused.setdefault(name[1], {})[one["filename"]] = said
        else:
            sentences.append(said)
    for name, where in unused.items():
        having = {file for file, text in scripts.items() if re.search(rf"\b{name}\b", text)}
        if having == where.keys():
            sentences.append(min(where.values()))
    return sorted(set(sentences))


def main() -> int:
    """Print what is wrong; return 1 if anything is, else 0."""
    places = ["serverless_tax", "labs", "tests"]
    alone = subprocess.run([OXLINT, "--config", CONFIG, "--quiet", *places], cwd=ROOT, check=False)
    sentences = wrong_names(joined())
    print("\n".join(sentences), end="\n" if sentences else "")
    return int(alone.returncode != 0 or bool(sentences))


if __name__ == "__main__":
    sys.exit(main())
