"""The command that says what to do about one function."""

from __future__ import annotations

import csv as table
import io
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from serverless_tax.cli.bills import Json
from serverless_tax.cli.facts import AllFacts
from serverless_tax.cli.options import Asked, When
from serverless_tax.cli.output import remark, say, write_json
from serverless_tax.cli.read_scenario import apart, facts_of_preset, read_facts, stated
from serverless_tax.cli.unmoved import TUNED, priced, say_unmoved
from serverless_tax.ground.files import write_whole
from serverless_tax.questions.advise import Advice, advise
from serverless_tax.questions.compare import left_out
from serverless_tax.questions.facts import KIND_OF, Facts
from serverless_tax.questions.ladder import BESIDE
from serverless_tax.questions.sentence import SAYS
from serverless_tax.questions.web_functions import without_a_price
from serverless_tax.request.workload import Workload

#: What is unknown of a function whose ways take more than a second or two to try.
_MANY = 6


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(decide_command, name="decide")


def decide_command(
    *,
    known: AllFacts | None = None,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
    csv: Annotated[Path | None, Parameter(help="Write the advice as a table here.")] = None,
) -> None:
    """Say what to do about a function: one sentence, its sum, and what to find out first.

    What you do not say stays unknown, and the advice is then a range. A preset says everything but
    what you call unknown: a number by that word, a yes or no by its name behind --unknown. A file
    and a link have the word for both: reads_along = "unknown", reads=unknown.

    ```console
    serverless-tax decide --preset article
    serverless-tax decide --preset article --peak-memory unknown --unknown reads-along
    serverless-tax decide --requests 1e6 --memory 1024 --took 5s --peak-memory 300
    serverless-tax decide --scenario my.toml --no-sees-answer --csv advice.csv
    ```
    """
    asked = asked or Asked()
    facts = facts_asked(asked, (known or AllFacts()).said())
    keywords = (when or When()).keywords()
    if sys.stderr.isatty() and len(facts.unknown) > _MANY:
        remark(f"Trying every way in which {len(facts.unknown)} unknown facts may be …")
    advice = advise(facts, **keywords)
    say_unmoved(asked, facts.workload, keywords, priced(_tried(advice), keywords), but=TUNED)
    if csv is not None:
        write_whole(csv, as_csv(advice))
    known_of_it = not {"memory_mb", *KIND_OF} & {*facts.unknown}
    needs_known = not facts.out_of_memory and SAYS["full"] not in advice.said
    worth_it = known_of_it and needs_known and not advice.small
    unpriced = list(without_a_price(facts.workload, keywords)) if worth_it else []
    if json:
        write_json(advice.to_dict() | {"without_a_price": unpriced})
    else:
        say(str(advice))
        for sentence in (*left_out(BESIDE, keywords), *unpriced):
            say(sentence)


def _tried(advice: Advice) -> dict[str, None]:
    """Return the designs that were priced for an advice, each once."""
    both = (advice.least, advice.most)
    rungs = [rung for one in both for rung in (*one.steps, *one.considered)]
    return dict.fromkeys(["aws-lambda", *(rung.design for rung in rungs)])


def facts_asked(asked: Asked, said: dict[str, Any]) -> Facts:
    """Return what was said of a function, on the line and in the scenario it starts from."""
    took_ms = said.pop("took_ms", None)
    if asked.preset and asked.scenario:
        asked.workload()  # which says that it starts from one of them
    if asked.scenario:
        return read_facts(asked.scenario, asked.given(), said, took_ms)
    given, unknown = apart(asked.given())
    if asked.preset:
        workload = Workload.preset(asked.preset, **given)
        facts = facts_of_preset(asked.preset, workload) | said
        return stated(workload, facts, took_ms, unknown)
    return Facts.of(given, took_ms=took_ms, **said)


def as_csv(advice: Advice) -> str:
    """Return the advice as a table with a head, ready to be written."""
    text = io.StringIO()
    writer = table.writer(text, lineterminator="\n")
    writer.writerow(("what", "value", "unit"))
    writer.writerows(advice.rows())
    return text.getvalue()
