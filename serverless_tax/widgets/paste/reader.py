"""The reader of a pasted log as JavaScript that needs no page: any V8 can evaluate it."""

from __future__ import annotations

from importlib.resources import files

from serverless_tax.ground.trace import Program
from serverless_tax.widgets.model import constants, price_parameters, prices_read, symbolic
from serverless_tax.widgets.paste.figures import busy_figures, log_figures, size_figures
from serverless_tax.widgets.paste.words import log_words
from serverless_tax.widgets.scenario import page_prices

_SCRIPTS = ("reader.js", "envelope.js", "inflate.js")


def reader_javascript() -> str:
    """Return JavaScript text that defines ``readLog(text)`` and ``findingsOf(log)``.

    ``readLog`` takes the text of a log and returns plain data:

    - ``functions``: one entry a function, in the order in which their invocations appear, each
      with its ``name``, ``sizes`` (the sums of its invocations at one ``memory_mb`` each) and
      ``cpu`` (the sums of what metered.py measured: ``invocations``, ``cpu_total_ns`` and
      ``wall_total_ns`` at one ``memory_mb`` each, 0 where a measurement has none);
    - ``unread``: the first 300 characters of each record that could not be read;
    - ``twice``: how many records stand there twice, and are counted once;
    - ``concurrent``: how many measurements were made beside another, and say nothing;
    - ``cut``: true where the text was longer than is read;
    - ``other``: true where no record was found, or a line looks like a form that only the command
      reads.

    ``findingsOf`` takes that and returns one finding a function, the dearest first, or takes one of
    its functions and returns its finding: its ``name``,
    the sums over its sizes (``billed_ms`` too), and the amounts of :func:`log_figures
    <serverless_tax.widgets.paste.figures.log_figures>`: ``usd``, ``init_usd``, ``timeout_usd``,
    ``failure_usd``, ``unused_usd``, ``waiting_share`` and more, at the list prices of x86. ``main``
    are the sums of the size that it has now, of several that with the most paid for, and
    ``measured`` those of its CPU there. ``factsOf`` takes a finding and returns what the log says
    of the function as it is now, by the names of a page's fields: null is unknown.

    >>> reader_javascript().count("function readLog(text)")
    1
    """
    sheet = page_prices()
    program = Program()
    program.add("sizeFigures", size_figures, "s")
    program.add("busyFigures", busy_figures, "s")
    program.add("logFigures", lambda s, p: log_figures(s, symbolic(sheet, p)), "s", "p")
    traced = program.text()
    prices = price_parameters(sheet)
    words = {**log_words(), "PRICES": {name: prices[name] for name in prices_read(traced)}}
    scripts = (files(__package__).joinpath(name).read_text("utf-8") for name in _SCRIPTS)
    return "\n".join((constants(words), traced, *scripts))
