"""What AWS documents, whether the local cloud does it, and the test that checks it."""

from __future__ import annotations

from serverless_tax.book.equivalence_functions import OF_FUNCTIONS
from serverless_tax.book.equivalence_services import OF_SERVICES
from serverless_tax.ground.html import Markup, joined, link, tag

BEHAVIOURS = (*OF_FUNCTIONS, *OF_SERVICES)

NOT_EMULATED = (
    "Policies other than a function's own: a role that is too narrow on AWS works here.",
    "API Gateway's throttles of an account and of sockets, and its limits on connections.",
    "X-Ray: a request has a trace id, and no trace is kept, as the log of a traced function says.",
    "Encryption: nothing is encrypted on the disk, whatever a key or a setting says.",
    "A DynamoDB table's provisioned throughput: it turns nobody away.",
    "Age: no object and no line of a log is deleted when its days are over.",
    "Isolation: a function runs as you and sees your files. Run only code you trust.",
    "Detection of functions that call each other in a circle.",
    "AWS's rate of scaling (1,000 environments every ten seconds), and other regions.",
    "The network: all is on one machine, so calls are faster than on AWS and cores are shared.",
)
"""What this cloud leaves out and cannot refuse, so that a lab must not conclude it."""

_SHOWN = {"otherwise": "different"}


def equivalence_list() -> Markup:
    """Return every behaviour as a list, which fits a phone where four columns would not."""
    entries = (
        joined(
            tag("dt", tag("strong", row.what)),
            tag("dd", f"AWS: {row.aws} ", link(row.address, "Source"), "."),
            tag(
                "dd",
                "Here ",
                tag("strong", _SHOWN.get(row.answer, row.answer)),
                ". ",
                *_with_code(row.ours),
            ),
        )
        for row in BEHAVIOURS
    )
    return tag("dl", *entries, class_="st-plain")


def _with_code(text: str) -> list[str | Markup]:
    """Set as code what stands between backticks."""
    parts = text.split("`")
    return [tag("code", part) if number % 2 else part for number, part in enumerate(parts)]
