"""How a request ended, where a line of its own says it: in logs whose REPORT lines do not.

Before Lambda wrote the status on the REPORT line, a call that ran into its limit or out of memory
had a REPORT line as any other, and a line beside it with its request's id. Source:
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from serverless_tax.audit.sums.table import FAILED, OUT_OF_MEMORY, TIMEOUT

#: A request's id, and what ended it: its limit, the kernel for its memory, or something else.
ENDED = re.compile(
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\W{1,4}(?:Task (timed out) after"
    r"|Error: Runtime exited with(?:.{1,12}signal: (killed))?|Process exited before)"
)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a line says of how a request ended, as a REPORT line says it.

    Attributes:
        request_id: of the invocation.
        status: as a REPORT line has it.
        error_type: if that says more.
    """

    request_id: str
    status: str
    error_type: str


def endings_in(line: str) -> Iterator[Ended]:
    """Yield how requests ended, as a line says it.

    >>> made = "0a0a0a0a-1111-4222-8333-444444444444"
    >>> [one.status for one in endings_in(f"{made} Task timed out after 3.00 seconds")]
    ['timeout']
    """
    for request_id, late, killed in ENDED.findall(line):
        yield Ended(request_id, (TIMEOUT if late else FAILED)[0], OUT_OF_MEMORY * bool(killed))
