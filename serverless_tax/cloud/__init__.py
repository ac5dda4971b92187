"""The local cloud that the labs run on, and the model provider; Linux only.

The cloud meters and does not price: no file here imports a price or a rule.
"""

from serverless_tax.cloud.function.logbook import Reading
from serverless_tax.cloud.lab.target import Target, open_target
from serverless_tax.cloud.local import LocalCloud
from serverless_tax.cloud.model.provider import Provider

__all__ = ["LocalCloud", "Provider", "Reading", "Target", "open_target"]
