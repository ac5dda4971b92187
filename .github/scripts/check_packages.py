"""Ask pip-audit for the known weaknesses of the packages in lock files, and say what it found.

``check_packages.py PIP_AUDIT LOCK...`` returns 1 if there are some, and 2 if nobody could be asked:
then nothing is known, which is not the same as nothing being wrong.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

#: No package is installed or built for it, and one that is unknown to the service fails.
OPTIONS = ("--strict", "--require-hashes", "--disable-pip", "--progress-spinner=off")


def main(pip_audit: str, *locks: str) -> int:
    """Ask for each lock file; a package in both is named once."""
    found: dict[str, None] = {}
    for lock in locks:
        command = [pip_audit, *OPTIONS, "--format=json", "--desc=off", f"--requirement={lock}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            packages = json.loads(done.stdout)["dependencies"]
        except (json.JSONDecodeError, KeyError):
            lines = done.stderr.strip().splitlines()
            print(f"{lock} could not be checked, so nothing is known of its packages:")
            print(f"  {lines[-1] if lines else 'pip-audit said nothing'}")
            print("The advisories are asked for at https://pypi.org; a mirror has none.")
            return 2
        print(f"{lock}: {len(packages)} packages looked up")
        found |= dict.fromkeys(line for package in packages for line in weaknesses(package))
    print("\n".join(found) or "No known weakness.")
    return 1 if found else 0


def weaknesses(package: dict[str, Any]) -> list[str]:
    """Return a line for each weakness of a package, with the versions that have none."""
    return [
        f"{package['name']} {package['version']}: {one['id']}, "
        f"mended in {', '.join(one['fix_versions']) or 'no version yet'}"
        for one in package.get("vulns", [])
    ]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
