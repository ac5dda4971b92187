"""What of the set no cell needs yet: its wheel, or pack, is brought when something imports it."""

from __future__ import annotations

import importlib
import json
import sys
import sysconfig
import zipfile
import zlib
from collections.abc import Callable
from hashlib import sha256
from importlib.machinery import ModuleSpec
from io import BytesIO
from typing import Any

from serverless_tax.book.python.pin import PIN, wheels

#: How the name of a pack ends: a tar that gzip made, under a name that no host takes for one.
PACK = ".pack"
_GZIP = 31


class _Wheels:
    """A finder that finds nothing itself: it brings the wheel, and lets Python look again."""

    def __init__(
        self, lock: dict[str, Any], bring: Callable[[str], Any], lay: Callable[[bytes], Any]
    ) -> None:
        self._lock = lock
        self._bring = bring
        self._lay = lay
        ours = wheels(lock, PIN["packages"])
        self._package_of = {
            module: name
            for name, package in lock["packages"].items()
            if package["file_name"] in ours
            for module in package["imports"]
            if module not in sys.modules
        }
        self._brought = {
            package["file_name"]
            for package in lock["packages"].values()
            if any(module in sys.modules for module in package["imports"])
        }

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Bring the wheel or the pack of a module, the first time it is asked for."""
        del path, target
        module = name.partition(".")[0]
        if module in self._package_of:
            self._bring_package(self._package_of[module])
            del self._package_of[module]  # not before: what did not come is asked for again
            importlib.invalidate_caches()
        return None

    def _bring_package(self, package: str) -> None:
        """Bring a package alone: what it needs is brought when it imports that."""
        name, pinned = (self._lock["packages"][package][part] for part in ("file_name", "sha256"))
        if name in self._brought:
            return
        data = bytes(self._bring(name))
        if sha256(data).hexdigest() != pinned:
            msg = f"{name} is not the wheel that the release's lock names"
            raise ImportError(msg)
        if name.endswith(PACK):
            self._lay(zlib.decompress(data, _GZIP))
        else:
            zipfile.ZipFile(BytesIO(data)).extractall(sysconfig.get_path("purelib"))
        self._brought.add(name)


def bring_when_imported(
    lock: str, bring: Callable[[str], Any], lay: Callable[[bytes], Any]
) -> None:
    """Let what the set has be imported.

    Args:
        lock: the set's lock, with a pack's name in the place of the wheels' that are in it.
        bring: returns the bytes of a wheel or a pack by its name.
        lay: lays the files of a tar where their names say.
    """
    sys.meta_path.insert(0, _Wheels(json.loads(lock), bring, lay))
