"""The reference page of the command line, written from the commands' own help.

``python -m serverless_tax.cli.reference`` writes it again; a test fails when it is out of date.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

from serverless_tax.cli.app import app

_HEAD = """# The command line

*Every command with its options, as the program itself writes them.*

`pip install .` in a clone installs `serverless-tax`. Every command prints a table on a
terminal, plain text in a pipe, and JSON with `--json`. A time needs a unit: ms, s or min.

## Exit codes and checks

| Code | Command | When |
|---:|---|---|
| 0 | each | All is well, and each check that was asked for passed. |
| 1 | `compare --fail-above` | Waiting is a larger share of your design's bill. |
| 1 | `compare --against` | Your design costs more than in that file, or pays more for waiting. |
| 1 | both of these | Your design cannot serve the requests, or nothing is billed. |
| 1 | `audit` | No invocation was found, or none in one of the files named: it may be empty. |
| 1 | `audit --fail-above` | The functions cost more, or 1 % of the records could not be read. |
| 1 | `prices check`, `doctor`, `cloud provider`, `cloud sweep` | Something was found wrong. |
| 2 | each | A word is wrong, or a file is missing, of another kind or empty (a log: 1). |

With 1 and with 2, each sentence on standard error names one thing that is wrong.

Your design is the one of `--yours`, else the first platform named, else `aws-lambda`. In a
pipeline, run the first line on the main branch and the second on yours:

```sh
serverless-tax compare aws-lambda --scenario service.toml --json > main.json
serverless-tax compare aws-lambda --scenario service.toml --against main.json
```

As a GitHub Action it also comments the difference on the pull request; the job needs
`pull-requests: write`.

```yaml
- uses: actions/checkout@v6
- uses: OWNER/serverless-tax@COMMIT
  with: { scenario: service.toml, design: aws-lambda, tolerance: 2% }
```

As a hook of [pre-commit](https://pre-commit.com), with the repository's address as `repo` and a
commit as `rev`:

```yaml
hooks:
  - id: serverless-tax
    args: [aws-lambda, --scenario, service.toml, --fail-above, 99%]
```

## Files

A scenario is a TOML or JSON file with the quantities of a `Workload` by name:

```toml
preset = "article"        # or requests_per_month and memory_mb
memory_mb = 512
wait_ms = "80ms"
```

In place of a preset it may list the steps of a request, and for `decide` the facts that only you
know. What `decide` is not told stays unknown, and so does what is `"unknown"`: a file without a
step of `cpu`, `cpu_ms` or `took_ms` (what a request takes in all) leaves its work open.

```toml
requests_per_month = 1_000_000
memory_mb = 1024
peak_memory_mb = 300
in_order = true           # each call needs what the one before brought
sees_answer = true        # and so on: the options of decide, with underscores

[[steps]]
kind = "cpu"              # or wait, or streaming
ms = "20ms"

[[steps]]
kind = "wait"
ms = "2.5s"
name = "ask the model"
times = 12                # calls one after another
retries = 0.05            # share that fails and is made again, each retry too: 1 / (1 - 0.05) calls
```

Calls that need nothing of each other (`in_order = false`) overlap: with retries one waits for the
longest of them, which takes more than their mean. Where some need others and some do not, say how
long the longest chain takes (`longest_ms = "4s"`).

A file of rates replaces list prices with yours, and every line that it changes says so:

```toml
name = "Compute Savings Plan"

[rates]
"aws-lambda.duration_x86_gb_seconds" = { discount = 0.17 }
"aws-data-transfer.transfer_out_gb" = { tiers = [[0, 0.05], [10240, 0.04]] }
```
"""

#: An option in a sentence, where two hyphens would be set as a dash; code is left as it is.
_OPTION = re.compile(r"(```.*?```|`[^`]*`)|(?<![\w-])--[a-z][a-z-]+", re.DOTALL)
_HOSTED = "How it is delivered and hosted"
#: Groups of options that several commands have; they stand once, at the end.
_SHARED = ("The request", "Prices", "What only you know", _HOSTED)
#: Which commands have the facts, before them.
_WHOSE = "Of `decide`, `sensitivity --advice`, and `audit`, which finds the last four in its log."
#: Where to read what these options mean, and what they are when left out.
_ASSUMED = (
    "[What is assumed](../method.md#what-is-assumed) says of each what it is and its default."
)
#: What stands in the head, and what an option without it does anyway.
_SAID = re.compile(
    r"^(?:\*\*Parameters\*\*\s+)?\* `--json`: Write JSON\..*\n(?!\*)"
    r"|^\* `--json`: Write JSON\..*\n"
    r"| \*\[default: (?:False|0\.0)\]\*$| Needs a unit: ms, s or min\."
    r"|(?<=[a-z]) (?:STR|FLOAT|INT|DATE|PATH)(?:\.\.\.)?(?=[`,])",
    re.MULTILINE,
)


def reference() -> str:
    """Return the page as Markdown."""
    text = app.generate_docs(output_format="markdown")
    text = re.sub(r"(?<=[a-z]) -m \S+", "", text)  # how this program was started is no part of it
    text = re.sub(r"```console\n.*(?:OPTIONS|COMMAND).*\n```\n+", "", text)  # the heading says it
    text = _OPTION.sub(lambda found: found[1] or f"`{found[0]}`", text)
    sections = re.split(r"(?m)^(?=#{2,3} serverless-tax )", text)[1:]
    shared: dict[str, str] = {}
    pages = [_HEAD]
    for section in sections:
        kept, taken = _without_shared(section)
        shared |= {name: body for name, body in taken.items() if name not in shared}
        pages.append(kept)
    pages.append("## Options that commands share\n")
    shared["What only you know"] = f"{_WHOSE}\n\n{shared['What only you know'].strip()}"
    names = ", ".join(re.findall(r"(?m)^\* (`--[a-z-]+)", shared[_HOSTED]))
    shared[_HOSTED] = textwrap.fill(
        f"{names.replace(',', '`,')}`. {_ASSUMED}", 100, break_on_hyphens=False
    )
    pages += [f"### {name}\n\n{shared[name].strip()}\n" for name in _SHARED]
    return "\n".join(_SAID.sub("", page).strip() + "\n" for page in pages)


def _without_shared(section: str) -> tuple[str, dict[str, str]]:
    """Return a command's section without the groups it shares and its links, and those groups."""
    parts = re.split(r"(?m)^\*\*([^*\n]+)\*\*:\n", section)
    kept, taken = parts[0], {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        if name in _SHARED:
            taken[name] = body
        elif name != "Commands":
            kept += f"**{name}**\n{body}"
    return kept, taken


def main() -> None:
    """Write the page into the book."""
    path = Path(__file__).parents[2] / "book" / "reference" / "command-line.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(reference(), "utf-8")
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
