"""For atheris: what the page, the package and the audit make of any bytes.

``python tests/audit/fuzz_lines.py -runs=200000``; a crash leaves the bytes in a file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # type: ignore[import-not-found, unused-ignore]

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

with atheris.instrument_imports():
    import plain_reader

    from serverless_tax.audit.read.columns import read as read_columns
    from serverless_tax.audit.read.sources import form_of
    from serverless_tax.audit.sums.tally import Tally
    from serverless_tax.ground.report import parse_reports
    from serverless_tax.metered import parse_metered


def read(data: bytes) -> None:
    """Read bytes as each reader does."""
    form_of(data)
    text = data.decode("utf-8", "replace")
    list(parse_reports(text))
    parse_metered(text)
    Tally.of("fuzz", plain_reader.lines_of_interest(data))
    read_columns((data,))


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
