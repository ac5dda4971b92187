"""The local cloud the labs run on, and the model provider; Linux only.

It meters and does not price: nothing here imports the model.
"""

from serverless_tax.cloud.local import LocalCloud
from serverless_tax.cloud.logbook import Reading
from serverless_tax.cloud.provider import Provider
from serverless_tax.cloud.target import Target, open_target

__all__ = ["LocalCloud", "Provider", "Reading", "Target", "open_target"]
