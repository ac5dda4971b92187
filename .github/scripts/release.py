"""Say whether a pushed tag can be released; with ``publish``, make its release on GitHub.

What PyPI has taken cannot be taken back, so the first is asked before anything is built.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Check the tag; make the release if the command line says so."""
    tag = os.environ.get("GITHUB_REF_NAME", "")
    if not re.fullmatch(r"v\d+\.\d+\.\d+\w*", tag):
        raise SystemExit(f"GITHUB_REF_NAME is {tag!r}, not a tag such as v1.2.3.")
    version = tag[1:]
    for where, found in versions().items():
        if found != version:
            raise SystemExit(f"The tag is {tag}, but {where} says {found}: set it before you tag.")
    notes = changes(version)
    if not notes:
        raise SystemExit(f"CHANGELOG.md has nothing under '## {version}': write it before you tag.")
    print(f"{tag}: the versions agree, and the changelog has its part")
    if sys.argv[1:] == ["publish"]:
        if not (shutil.which("gh") and Path("_build/release").is_dir()):
            raise SystemExit("There is no gh on the path, or nothing in _build/release to attach.")
        attached = sorted(str(path) for path in Path("_build/release").iterdir())
        words = ("--verify-tag", "--title", tag, "--notes", notes, *attached)
        sys.exit(subprocess.run(["gh", "release", "create", tag, *words], check=False).returncode)


def versions() -> dict[str, str]:
    """Return the version that each file states."""
    package = Path("serverless_tax/__init__.py").read_text("utf-8")
    cited = Path("CITATION.cff").read_text("utf-8")
    stated = {
        "serverless_tax/__init__.py": re.search(r'^__version__ = "(.*)"$', package, re.MULTILINE),
        "CITATION.cff": re.search(r"^version: (.*)$", cited, re.MULTILINE),
    }
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    return {"pyproject.toml": project["version"]} | {
        where: found[1] if found else "nothing" for where, found in stated.items()
    }


def changes(version: str) -> str:
    """Return the changelog's part on a version; nothing if there is none."""
    log = Path("CHANGELOG.md").read_text("utf-8")
    part = re.search(rf"^## {re.escape(version)}\b.*\n((?:(?!## ).*\n?)*)", log, re.MULTILINE)
    return part[1].strip() if part else ""


if __name__ == "__main__":
    main()
