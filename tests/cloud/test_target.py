"""Where a lab runs: here unless asked for AWS, and there only after a typed yes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from serverless_tax.cloud.function.spec import LAYER_FILE
from serverless_tax.cloud.lab.target import SWITCH, Target, TargetRefusedError, open_target

PACE = {"ttft_ms": 1, "tokens_per_s": 1000, "output_tokens": 5, "worst_case_usd": 0.01}


def never(_question: str) -> str:
    """A learner who must not be asked."""
    raise AssertionError("asked, though nothing costs anything here")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> mock.Mock:
    """A learner with an AWS account and a provider."""
    monkeypatch.setenv(SWITCH, "aws")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("MODEL", "some-model")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    session = mock.Mock(region_name="eu-west-1")
    session.client.return_value.get_caller_identity.return_value = {"Account": "123456789012"}
    monkeypatch.setattr(boto3, "Session", lambda: session)
    return session


def test_a_lab_is_local_unless_asked_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """No question, no profile: endpoint and keys are given explicitly."""
    monkeypatch.delenv(SWITCH, raising=False)
    target = open_target(**PACE, ask=never)  # type: ignore[arg-type]
    target.close()
    target.close()

    assert target.name == "local"
    assert target.boto3_kwargs["endpoint_url"].startswith("http://127.0.0.1:")
    assert {"aws_access_key_id", "aws_secret_access_key"} <= set(target.boto3_kwargs)
    assert target.function_environment["OPENAI_BASE_URL"].startswith("http://127.0.0.1:")


def test_a_closed_cloud_is_asked_twice_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that runs after the clean-up says so at once, and not after five tries."""
    monkeypatch.delenv(SWITCH, raising=False)
    target = open_target(**PACE, ask=never)  # type: ignore[arg-type]
    target.close()
    lambda_, tries = boto3.client("lambda", **target.boto3_kwargs), list[Any]()
    lambda_.meta.events.register("before-send", lambda request, **_: tries.append(request))
    with pytest.raises(EndpointConnectionError):
        lambda_.list_functions()

    assert len(tries) <= 2


@pytest.mark.parametrize("value", ["AWS", "prod", ""])
def test_only_the_exact_word_leads_to_aws(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything but `aws` or `local` is refused, so a slip of the keyboard costs nothing."""
    monkeypatch.setenv(SWITCH, value)

    with pytest.raises(TargetRefusedError, match="say 'local'"):
        open_target(**PACE, ask=never)  # type: ignore[arg-type]


def test_on_aws_the_account_region_and_cost_are_named_before_anything_is_made(
    account: mock.Mock,
) -> None:
    """The question says all three, and that the authors have not run it there."""
    asked: list[str] = []

    def no(question: str) -> str:
        asked.append(question)
        return "n"

    with pytest.raises(TargetRefusedError, match="nothing was created"):
        open_target(**PACE, ask=no)  # type: ignore[arg-type]
    for part in ("123456789012", "eu-west-1", "$0.01", "not run it there"):
        assert part in asked[0]
    account.client.assert_called_once_with("sts", region_name="eu-west-1")


def test_yes_gives_the_learners_own_region_and_provider(account: mock.Mock) -> None:
    """No endpoint is set: boto3 then talks to AWS."""
    target = open_target(**PACE, ask=lambda _question: " Yes ")  # type: ignore[arg-type]

    assert account.client.called
    assert (target.name, target.boto3_kwargs) == ("aws", {"region_name": "eu-west-1"})
    assert target.function_environment["OPENAI_BASE_URL"] == "https://api.openai.com/v1"


def test_on_aws_a_missing_key_is_named(account: mock.Mock, monkeypatch: Any) -> None:
    """Before AWS is asked anything."""
    monkeypatch.delenv("OPENAI_API_KEY")

    with pytest.raises(TargetRefusedError, match="set OPENAI_API_KEY first"):
        open_target(**PACE, ask=never)  # type: ignore[arg-type]
    assert not account.client.called


def test_a_local_package_holds_the_files_alone(tmp_path: Path) -> None:
    """Packages come from this Python, so the zip stays small."""
    (tmp_path / "app.py").write_text("")
    package = Target("local", {}, {}).package([tmp_path / "app.py"], ["openai"])

    assert zipfile.ZipFile(io.BytesIO(package)).namelist() == ["app.py", LAYER_FILE]


def test_an_aws_package_holds_wheels_for_lambdas_linux(tmp_path: Path) -> None:
    """Pip is asked for Linux wheels of the function's Python, whatever this machine is."""
    (tmp_path / "app.py").write_text("")

    def pip(command: list[str], *, check: bool) -> None:
        folder = Path(command[command.index("--target") + 1])
        (folder / "openai").mkdir()
        (folder / "openai" / "__init__.py").write_text("")
        assert check
        assert {"--only-binary=:all:", "manylinux2014_x86_64", "3.13", "openai"} <= set(command)

    with mock.patch("subprocess.run", side_effect=pip):
        package = Target("aws", {}, {}, python_version="3.13").package(
            [tmp_path / "app.py"], ["openai"]
        )

    names = zipfile.ZipFile(io.BytesIO(package)).namelist()
    assert names == ["app.py", "openai/__init__.py"]
