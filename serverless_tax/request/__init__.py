"""A request and its month, and the named ones of the book."""

import serverless_tax.request.presets  # noqa: F401 - so that Workload.preset knows them
