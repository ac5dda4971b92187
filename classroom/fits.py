"""Whether the wheels beside this file are for the Python that runs it; one sentence where not.

`build.py` writes down what they are for, `install.sh` asks. It has to run on any Python 3, so that
an old one gets its sentence too.
"""

import json
import platform
import re
import sys
import sysconfig
from pathlib import Path

FOR = "wheels-are-for.json"


def this_python() -> "dict[str, str]":
    """Name what a wheel depends on: implementation and version, system and processor."""
    return {
        "python": f"{platform.python_implementation()} {sys.version_info[0]}.{sys.version_info[1]}",
        "platform": sysconfig.get_platform(),
    }


def this_glibc() -> "list[int]":
    """Return this system's version of glibc; ``[0, 0]`` where it has another C library."""
    name, version = platform.libc_ver()
    numbers = [int(part) for part in re.findall(r"\d+", version)]
    return numbers[:2] if name == "glibc" and len(numbers) > 1 else [0, 0]


def misfit(made_for: "dict[str, object]") -> str:
    """Return the sentence that says why the wheels do not fit; empty where they do."""
    here = this_python()
    if here["python"] not in made_for["pythons"] or here["platform"] != made_for["platform"]:  # type: ignore[operator]
        wanted = f"{' or '.join(made_for['pythons'])} on {made_for['platform']}"  # type: ignore[arg-type]
        return (
            f"These wheels are for {wanted}, and this is {here['python']} on {here['platform']}: "
            "name a Python that fits with PYTHON=/path/to/python3, or build the archive with this "
            "one (make classroom)."
        )
    if made_for["glibc"] > this_glibc():  # type: ignore[operator]
        wanted = ".".join(map(str, made_for["glibc"]))  # type: ignore[call-overload]
        return f"These wheels need glibc {wanted} or newer, which this system does not have."
    return ""


if __name__ == "__main__":
    SENTENCE = misfit(json.loads(Path(__file__).with_name(FOR).read_text("utf-8")))
    if SENTENCE:
        sys.exit(f"install: {SENTENCE}")
