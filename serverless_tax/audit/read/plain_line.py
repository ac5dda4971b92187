"""What a plain line is made of: a record exactly as AWS writes it, with the usual figures only.

Almost every line of a large log that matters is one: ``REPORT RequestId:``, an id of the usual
length, the figures that every record has, in their order, a tab between two of them. Labels, units
and order come from the table of fields in `report.py`.
"""

from __future__ import annotations

from itertools import pairwise

from serverless_tax.ground.report import FIELDS, REQUIRED

#: How a record begins, and its id, which follows: how long it is.
START = "REPORT RequestId: "
ID = next(field for field in FIELDS if field.name == "request_id")
ID_LENGTH = 36
#: Its figures.
FIGURES = tuple(field for field in FIELDS if field.json_name and field.name in REQUIRED)
#: What begins the figures, what stands between two of them, and what ends the last one.
FIRST = f"\t{FIGURES[0].label}: "
BETWEEN = [f" {one.unit}\t{other.label}: " for one, other in pairwise(FIGURES)]
LAST = f" {FIGURES[-1].unit}"
