"""Where a lab runs: in the local cloud, or on AWS with SERVERLESS_TAX_TARGET=aws.

The lab is plain boto3. This file chooses its endpoint, its keys and its model provider. For AWS it
names the account, the region and the highest possible cost, and goes on only after a typed "yes".
"""

from __future__ import annotations

import getpass
import io
import os
import re
import secrets
import sys
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.function.spec import LAYER_FILE
from serverless_tax.cloud.lab.replay import is_replaying
from serverless_tax.cloud.lab.survey import LEARNER_TAG, NAME_PREFIX, RUN_TAG, find
from serverless_tax.cloud.model.pace import Pace
from serverless_tax.cloud.simulated.cloud import SimulatedCloud, SimulatedProvider
from serverless_tax.cloud.simulated.packages import lead_boto3, packages
from serverless_tax.cloud.simulated.services import client as simulated_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from serverless_tax.cloud.local import LocalCloud
    from serverless_tax.cloud.model.provider import Provider

SWITCH = "SERVERLESS_TAX_TARGET"
THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
LAMBDA_PLATFORM = "manylinux2014_x86_64"
#: A local cloud that is closed answers no more: asked five times, as is usual, a cell hangs.
_RETRIES = {"total_max_attempts": 2, "mode": "standard"}


class TargetRefusedError(RuntimeError):
    """The lab was not started: a setting is missing, or the learner said no."""


def learner_name() -> str:
    """The learner's name for AWS names: SERVERLESS_TAX_LEARNER, or the user's name.

    It keeps letters and digits, twelve at most.
    """
    said = os.environ.get("SERVERLESS_TAX_LEARNER") or _user()
    return re.sub("[^a-z0-9]", "", said.lower())[:12] or "learner"


def _user() -> str:
    try:
        return getpass.getuser()
    except (
        OSError,
        KeyError,
        ImportError,
    ):  # a browser has none, a container's user may have no name
        return "learner"


@dataclass(frozen=True, slots=True)
class Target:
    """The place a lab runs in.

    Attributes:
        name: `local`, `aws`, or `replay`, whose cloud is simulated.
        boto3_kwargs: arguments of every `boto3.client` of the lab.
        function_environment: variables with the address and key of the model provider.
        learner: owner of the resources.
        run_id: in every name and in a tag of every resource of this run.
        python_version: of the functions, such as `3.13`.
        pace: the local provider's; None on AWS, where nobody knows it.
    """

    name: str
    boto3_kwargs: Mapping[str, Any]
    function_environment: Mapping[str, str]
    cloud: LocalCloud | SimulatedCloud | None = None
    provider: Provider | SimulatedProvider | None = None
    learner: str = field(default_factory=learner_name)
    run_id: str = field(default_factory=lambda: secrets.token_hex(3))
    python_version: str = THIS_PYTHON
    pace: Pace | None = None
    _closers: list[Callable[[], None]] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """The beginning of every name in this run."""
        return f"{NAME_PREFIX}{self.learner}-{self.run_id}"

    @property
    def simulated(self) -> SimulatedCloud | None:
        """Its cloud, if that is a simulated one."""
        return self.cloud if isinstance(self.cloud, SimulatedCloud) else None

    def client(self, service: str) -> Any:
        """A client of one of its services, as boto3's."""
        if self.simulated:
            return simulated_client(self.simulated, service)
        import boto3  # noqa: PLC0415 - a simulated cloud needs none

        return boto3.client(service, **self.boto3_kwargs)

    @property
    def tags(self) -> dict[str, str]:
        """The tags of every resource of this run."""
        return {LEARNER_TAG: self.learner, RUN_TAG: self.run_id}

    def answer_ms(self, tokens: int = 0) -> float:
        """How long the model takes for an answer of so many tokens, or its own; 0 if unknown."""
        if self.pace is None:
            return 0.0
        after_the_first = (tokens or self.pace.output_tokens) - 1
        return self.pace.ttft_ms + 1000 * after_the_first / self.pace.tokens_per_s

    def url(self, url: str) -> str:
        """The reachable address of a function URL or an API's endpoint; on AWS it is unchanged."""
        return self.cloud.local_url(url) if self.cloud else url

    def callback_url(self, api_id: str, stage: str) -> str:
        """The endpoint for sending to a WebSocket API's connections."""
        if self.cloud:
            return self.cloud.callback_url(api_id, stage)
        region = self.boto3_kwargs["region_name"]
        return f"https://{api_id}.execute-api.{region}.amazonaws.com/{stage}"

    def survivors(self) -> list[str]:
        """This run's remaining resources; after the clean-up there are none."""
        if self.simulated:
            return []
        return [found.label for found in find(self.boto3_kwargs, self.prefix, self.run_id)]

    def package(self, files: Iterable[Path], requirements: Iterable[str] = ()) -> bytes:
        """A deployment package of the files; on AWS also the wheels for Lambda's Linux.

        In the local cloud a function with requirements sees the packages of this Python, as in a
        layer, and needs no wheels.
        """
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
            for path in files:
                package.write(path, path.name)
            asked = list(requirements)
            if self.name == "aws":
                _add_wheels(package, asked, self.python_version)
            elif asked:
                package.writestr(LAYER_FILE, "\n".join(asked))
        return archive.getvalue()

    def close(self) -> None:
        """Stop the cloud and the provider of this target; may be called twice."""
        for closer in self._closers:
            closer()


def open_target(
    *,
    ttft_ms: float,
    tokens_per_s: float,
    output_tokens: int,
    worst_case_usd: float,
    cpu_share: bool = False,
    python_version: str = THIS_PYTHON,
    ask: Callable[[str], str] = input,
) -> Target:
    """Open the local cloud and provider or, if SERVERLESS_TAX_TARGET is `aws`, the AWS account.

    Args:
        ttft_ms: the local provider's time to its first token.
        tokens_per_s: its pace after the first token.
        output_tokens: the length of its answers.
        worst_case_usd: the highest cost of this lab on AWS, without model tokens.
        cpu_share: whether CPU follows memory in the local cloud, as on AWS.
        python_version: of the functions; the local cloud runs them in this Python all the same.
        ask: asks the learner before anything is created on AWS.

    Raises:
        TargetRefusedError: for an unknown target, a missing key, or an answer other than yes.
    """
    chosen = os.environ.get(SWITCH, "local")
    if is_replaying():
        pace = Pace(ttft_ms=ttft_ms, tokens_per_s=tokens_per_s, output_tokens=output_tokens)
        return _simulated(pace, python_version, cpu_share=cpu_share)
    if chosen == "aws":
        return _aws(worst_case_usd, ask, python_version)
    if chosen != "local":
        raise TargetRefusedError(f"{SWITCH} is {chosen!r}: say 'local' or 'aws', or unset it.")
    from botocore.config import Config  # noqa: PLC0415 - a simulated cloud needs none

    from serverless_tax.cloud.local import LocalCloud  # noqa: PLC0415 - it needs Linux
    from serverless_tax.cloud.model.provider import Provider  # noqa: PLC0415 - as above

    cloud = LocalCloud(cpu_share=cpu_share)
    try:
        provider = Provider(ttft_ms=ttft_ms, tokens_per_s=tokens_per_s, output_tokens=output_tokens)
    except BaseException:
        cloud.close()
        raise
    variables = {
        "OPENAI_BASE_URL": provider.base_url,
        "OPENAI_API_KEY": provider.api_key,
        "MODEL": "sim",
        "VECTOR_URL": provider.vector_url,
    }
    closers = [provider.close, cloud.close]
    return Target(
        "local",
        {**cloud.boto3_kwargs, "config": Config(retries=_RETRIES)},
        variables,
        cloud=cloud,
        provider=provider,
        python_version=python_version,
        pace=Pace(ttft_ms=ttft_ms, tokens_per_s=tokens_per_s, output_tokens=output_tokens),
        _closers=closers,
    )


def _simulated(pace: Pace, python_version: str, *, cpu_share: bool) -> Target:
    cloud = SimulatedCloud(pace, packages, cpu_share=cpu_share)
    keys = {
        "endpoint_url": cloud.endpoint_url,
        "aws_access_key_id": "simulated",
        "aws_secret_access_key": "simulated",
        "region_name": cloud.region,
    }
    lead_boto3(cloud)
    return Target(
        "replay",
        keys,
        cloud.function_environment,
        cloud=cloud,
        provider=SimulatedProvider(cloud),
        python_version=python_version,
        pace=pace,
        _closers=[cloud.close],
    )


def _aws(worst_case_usd: float, ask: Callable[[str], str], python_version: str) -> Target:
    import boto3  # noqa: PLC0415 - only a lab on AWS needs it

    variables = {name: os.environ.get(name, "") for name in ("OPENAI_API_KEY", "MODEL")}
    missing = [name for name, value in variables.items() if not value]
    if missing:
        raise TargetRefusedError(
            f"On AWS the lab calls your own model provider: set {' and '.join(missing)} first "
            "(and OPENAI_BASE_URL, if it is not OpenAI itself)."
        )
    variables["OPENAI_BASE_URL"] = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1")
    session = boto3.Session()
    region = session.region_name or "us-east-1"
    account = session.client("sts", region_name=region).get_caller_identity()["Account"]
    question = (
        f"This will create functions in AWS account {account}, region {region}. It costs at most "
        f"${worst_case_usd:.2f} of Lambda, and your provider's price for the tokens. The authors "
        "have not run it there. Type yes to go on: "
    )
    if ask(question).strip().lower() != "yes":
        raise TargetRefusedError("Not started: nothing was created.")
    return Target("aws", {"region_name": region}, variables, python_version=python_version)


def _add_wheels(package: zipfile.ZipFile, requirements: list[str], python_version: str) -> None:
    """Download wheels for Lambda's Linux and add them to the package."""
    if not requirements:
        return
    with tempfile.TemporaryDirectory() as folder:
        import subprocess  # noqa: PLC0415 - on AWS alone

        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder]
        command += ["--only-binary=:all:", "--platform", LAMBDA_PLATFORM]
        command += ["--implementation", "cp", "--python-version", python_version, *requirements]
        subprocess.run(command, check=True)  # noqa: S603 - pip, with the lab's own requirements
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and path.parent.name != "__pycache__":
                package.write(path, path.relative_to(folder))
