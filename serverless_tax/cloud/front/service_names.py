"""Whether a signature names a service of AWS's, by the first lines of botocore's models.

ministack reads every model whole for that, once, in which its server answers nobody for five
seconds of CPU.
"""

from __future__ import annotations

import functools
import gzip
import re
from pathlib import Path

from botocore import loaders

_HEAD_BYTES = 4096
_NAMES = re.compile(rb'"(?:endpointPrefix|signingName)" ?: ?"([^"]+)"')


def is_aws_service(name: str) -> bool:
    """Whether it is a service, or what the signatures or the address of one are made with."""
    return name in _known()


@functools.cache
def _known() -> frozenset[str]:
    names: set[str] = set()
    for model in Path(loaders.Loader.BUILTIN_DATA_PATH).glob("*/*/service-2.json.gz"):
        names.add(model.parts[-3])
        with gzip.open(model) as file:
            names.update(name.decode() for name in _NAMES.findall(file.read(_HEAD_BYTES)))
    return frozenset(names)
