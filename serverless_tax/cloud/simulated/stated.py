"""What this process cannot measure of a function's environment, as it was recorded in the labs.

INIT begins with the start of an interpreter, and memory with what it takes. Packages that stand in
for others, or that are in memory already, have no INIT of their own here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import Any

#: What is said beside figures that were simulated.
OF_MEMORY = "Memory is an interpreter's as recorded, and what the handler's variables hold."
_MB = 1024 * 1024
#: A look at a handler's memory stops at so many objects.
_MOST_OBJECTS = 300_000


@dataclass(frozen=True, slots=True)
class Stated:
    """What was recorded with one package, beside a handler of the standard library alone.

    Attributes:
        init_s: of its INIT, at a whole vCPU.
        memory_mb: of its peak.
    """

    init_s: float
    memory_mb: int


#: The interpreter and a client of the standard library: labs 4 and 5, on two cores of Linux.
PLAIN = Stated(0.101, 24)
#: Labs 1 and 3, from which `PLAIN` is taken away. No lab records an INIT with boto3: beside a plain
#: one, on the local cloud, it took 2.6 times as long.
PACKAGES = {"openai": Stated(0.36, 34), "boto3": Stated(0.16, 23)}


def stated(packages: Iterable[str]) -> Stated:
    """The sum for an environment in which these are imported."""
    all_of_it = [PLAIN, *(PACKAGES[name] for name in packages if name in PACKAGES)]
    return Stated(sum(one.init_s for one in all_of_it), sum(one.memory_mb for one in all_of_it))


def held_mb(folder: str, modules: Iterable[ModuleType]) -> float:
    """How much a handler's variables hold: those of its modules, and of its calls in progress.

    What a native package holds, or held only in between, is not seen.

    Args:
        folder: of its code.
        modules: that were imported from there.
    """
    modules = [*modules]
    own = {module.__name__ for module in modules}
    found: list[Any] = [value for module in modules for value in vars(module).values()]
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - inspect asks for it too
    while frame is not None:
        if frame.f_code.co_filename.startswith(folder):
            found += frame.f_locals.values()
        frame = frame.f_back
    seen: set[int] = set()
    total = 0
    while found and len(seen) < _MOST_OBJECTS:
        one = found.pop()
        has_own = type(one).__module__ in own and hasattr(one, "__dict__")
        if id(one) in seen or not (has_own or isinstance(one, _COUNTED)):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        if has_own:
            found.append(vars(one))
        elif isinstance(one, dict):
            found += [*one.keys(), *one.values()]
        elif isinstance(one, (list, tuple, set, frozenset)):
            found += one
    return total / _MB


_COUNTED = (bytes, bytearray, str, dict, list, tuple, set, frozenset, int, float)
