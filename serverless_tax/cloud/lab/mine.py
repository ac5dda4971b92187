"""What a learner wrote, deployed with what it imports: files of the labs, and packages."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.lab.deploying import HANDLERS, Deployed, LabError, deploy

if TYPE_CHECKING:
    from serverless_tax.cloud.lab.target import Target

#: What every function can import without bringing it along.
_IN_LAMBDA = {"boto3", "botocore", "metered"}


def deploy_mine(target: Target, lab: int, **options: Any) -> Deployed:
    """Deploy what the learner wrote.

    Raises:
        LabError: if nothing is written yet, or Python cannot read it.
    """
    path = _mine(lab)
    beside = [*_beside(path)]
    asked = [*options.pop("requirements", ()), *_requirements(path)]
    name, handler = path.stem.replace("_", "-"), f"{path.stem}.handler"
    return deploy(
        target, handler, name, folder=Path(), beside=beside, requirements=asked, **options
    )


def _mine(lab: int) -> Path:
    path = Path(f"my_handler_{lab}.py")
    if not path.is_file():
        raise LabError(f"There is no {path}: run the cell that writes it, in the labs' folder.")
    return path


def _imported(path: Path) -> set[str]:
    """The modules that a file imports by name, without what is in them."""
    try:
        parts = ast.walk(ast.parse(path.read_text("utf-8")))
    except SyntaxError as error:
        raise LabError(
            f"Not yet. Python cannot read {path}: line {error.lineno}, {error.msg}."
        ) from error
    found = set()
    for part in parts:
        if isinstance(part, ast.Import):
            found |= {one.name.partition(".")[0] for one in part.names}
        elif isinstance(part, ast.ImportFrom) and part.module:
            found.add(part.module.partition(".")[0])
    return found


def _beside(path: Path) -> set[str]:
    """The labs' own handlers that a file imports, and that these import."""
    found, left = set[str](), {path}
    while left:
        named = {HANDLERS / f"{one}.py" for path in left for one in _imported(path)}
        left = {one for one in named if one.is_file() and one.name not in found}
        found |= {one.name for one in left}
    return found


def _requirements(path: Path) -> list[str]:
    """The packages of this Python that a file imports, beside Lambda's own."""
    own = {file.stem for file in HANDLERS.glob("*.py")} | _IN_LAMBDA | sys.stdlib_module_names
    asked = _imported(path) - own
    known = importlib.metadata.packages_distributions() if asked else {}
    names = {known[one][0] for one in asked & known.keys()}
    return [f"{name}=={importlib.metadata.version(name)}" for name in sorted(names)]
