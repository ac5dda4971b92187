"""A pytest plugin that notes which lines each test runs, and the CPU seconds that it takes.

A machine that does other things too makes no test longer so, and none is left out for it.

Loaded with ``-p covering``; writes ``MUTANTS_COVER``: for each file below ``MUTANTS_SOURCES`` and
each line of it, the tests that ran it. A line that only runs at import has none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Measure from here on."""
    config.pluginmanager.register(_Covering(), "covering-of-mutants")


def _cpu_s() -> float:
    """Return the CPU seconds of this process and of those that it started and that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


class _Covering:
    def __init__(self) -> None:
        sources = os.environ["MUTANTS_SOURCES"].split(os.pathsep)
        self.cover = coverage.Coverage(data_file=None, source=sources)
        self.seconds: dict[str, float] = {}
        self.cover.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Let what runs from set-up to tear-down count for this test."""
        self.cover.switch_context(item.nodeid)
        before_s = _cpu_s()
        result = yield
        self.seconds[item.nodeid] = _cpu_s() - before_s
        self.cover.switch_context("")
        return result

    def pytest_sessionfinish(self) -> None:
        """Write what was found."""
        self.cover.stop()
        found = self.cover.get_data()
        lines = {
            Path(file).relative_to(Path.cwd()).as_posix(): {
                line: [test for test in tests if test]
                for line, tests in found.contexts_by_lineno(file).items()
            }
            for file in found.measured_files()
        }
        written = json.dumps({"lines": lines, "seconds": self.seconds})
        Path(os.environ["MUTANTS_COVER"]).write_text(written, "utf-8")
