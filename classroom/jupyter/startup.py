"""Run by each kernel of the labs as it starts: an error is a sentence before the set-up too."""

import contextlib

with contextlib.suppress(ImportError):  # a Python in a terminal has neither the package nor a cell
    from serverless_tax.ground.sentences import from_the_start

    from_the_start()
    del from_the_start
del contextlib
