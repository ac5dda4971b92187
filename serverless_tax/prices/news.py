"""What AWS sells that nobody here has looked at: new services, operations and rows of the list.

``refresh`` finds a price that moved; it cannot find what has no row of ours. What was looked at,
and priced or left out, stands in ``looked-at.json``. Beside it are laid botocore, which has a
service's operations the day they can be called, and the price list, which has a usage type the day
it is sold. What is in those and not in the file is listed, for a person to read about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from serverless_tax.ground.files import write_whole
from serverless_tax.prices.aws_list import ROWS, PricesUnreachable, from_bulk

#: What was looked at: sorted names by kind, ``services``, ``operations`` and ``usage_types``.
LOOKED_AT = Path(__file__).with_name("looked-at.json")
_REFUSED = "{path} cannot be written ({reason})."

#: Words in the name of a service that may run code or wait for a model: its operations are listed.
RUNS_CODE = ("lambda", "agentcore", "bedrock", "apprunner", "ecs", "batch", "apigatewayv2")
#: Offers of the price list that are read whole: those of :data:`ROWS`, and AgentCore's.
OFFERS = (*dict.fromkeys(row.offer for row in ROWS.values()), "AmazonBedrockAgentCore")

Names = dict[str, list[str]]


def offered(region: str, progress: Callable[[str], None] = lambda _: None) -> Names:
    """Return what botocore and the price list have, sorted, by kind.

    Raises:
        PricesUnreachable: if botocore is not installed, or the list cannot be read.
    """
    found = in_botocore()
    usage_types: set[str] = set()
    for offer in OFFERS:
        progress(f"reading the price list of {offer}, {region}")
        usage_types |= {f"{offer}: {row.usage_type}" for row in from_bulk(offer, region)}
    return found | {"usage_types": sorted(usage_types)}


def in_botocore() -> Names:
    """Return the services of the botocore that is installed, and operations of those that run code.

    Raises:
        PricesUnreachable: if botocore is not installed.
    """
    try:
        from botocore import __version__  # noqa: F401, PLC0415 - an extra
        from botocore.loaders import Loader  # noqa: PLC0415
    except ImportError:
        msg = "botocore is not installed, so nothing is known of new services; pip install boto3."
        raise PricesUnreachable(msg) from None
    loader = Loader()
    services = loader.list_available_services("service-2")
    operations = [
        f"{service}: {name}"
        for service in services
        if any(word in service for word in RUNS_CODE)
        for name in loader.load_service_model(service, "service-2")["operations"]
    ]
    return {"services": sorted(services), "operations": sorted(operations)}


def looked_at(path: Path = LOOKED_AT) -> Names:
    """Return what was looked at, by kind."""
    found: Names = json.loads(path.read_text("utf-8"))
    return found


def news(now: Mapping[str, Iterable[str]], before: Mapping[str, Iterable[str]]) -> Names:
    """Return what there is now that was not looked at, by kind; a kind without any is left out.

    >>> news({"services": ["lambda", "lambda-web"]}, {"services": ["lambda", "sdb"]})
    {'services': ['lambda-web']}
    """
    fresh = {kind: sorted({*names} - {*before.get(kind, ())}) for kind, names in now.items()}
    return {kind: names for kind, names in fresh.items() if names}


def accept(found: Mapping[str, Iterable[str]], path: Path = LOOKED_AT) -> None:
    """Note that these were looked at, beside those that were before."""
    before = looked_at(path)
    kinds = sorted({*before, *found})
    after = {kind: sorted({*before.get(kind, ()), *found.get(kind, ())}) for kind in kinds}
    # Some names a line: one on each would be a file of 1,300 lines.
    write_whole(path, re.sub('(.{90,}?",) ', r"\1\n", json.dumps(after)) + "\n", _REFUSED)
