"""Clients to be installed first: SAM's command line, CDK's, Chalice's, AWS's SDK for JavaScript.

They come from the package indices at each run, in folders of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from sam_template import HANDLER, sam_template

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # for the installations

CHALICE = """
from chalice import Chalice
app = Chalice(app_name="told")
@app.route("/")
def told():
    return {"told": "by Chalice"}
"""
CDK = """
const { App, Stack, CfnOutput } = require("aws-cdk-lib");
const lambda = require("aws-cdk-lib/aws-lambda");
const stack = new Stack(new App(), "Asked", {
  env: { account: "000000000000", region: "us-east-1" },
});
const made = new lambda.Function(stack, "Answer", {
  runtime: lambda.Runtime.PYTHON_3_13,
  handler: "index.handler",
  code: lambda.Code.fromAsset("src"),
});
const url = made.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
new CfnOutput(stack, "Url", { value: url.url });
"""
JAVASCRIPT = """
import { LambdaClient, InvokeCommand } from "@aws-sdk/client-lambda";
const client = new LambdaClient();  // all it needs stands in the environment
const asked = { FunctionName: process.argv[2], Payload: JSON.stringify({ n: 41 }) };
const answer = await client.send(new InvokeCommand(asked));
console.log(Buffer.from(answer.Payload).toString());
"""


@pytest.fixture
def shell(cloud: LocalCloud, tmp_path: Path) -> Any:
    """Return a function that runs a command as the lines of `cloud up` would have it run."""
    given = {
        "AWS_ENDPOINT_URL": cloud.endpoint_url,
        "AWS_ACCESS_KEY_ID": cloud.access_key,
        "AWS_SECRET_ACCESS_KEY": cloud.secret_key,
        "AWS_REGION": cloud.region,
        "AWS_DEFAULT_REGION": cloud.region,
        "HOME": str(tmp_path),
        "SAM_CLI_TELEMETRY": "0",
        "CDK_DISABLE_VERSION_CHECK": "1",
    }
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "index.py").write_text(HANDLER)

    def run(*words: str | Path) -> str:
        done = subprocess.run(
            words,
            cwd=tmp_path,
            env={**kept, **given},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    return run


def installed(*words: str | Path, folder: Path) -> None:
    """Install a client, or skip the test by the client's name."""
    said = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        pytest.skip(f"{words[-1]} cannot be installed: {said.stderr.strip()[-200:]}")


def with_npm(folder: Path, *packages: str) -> Path:
    """Install packages for Node in a folder; return the folder of their commands."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"{packages[0]} needs npm, which is not installed")
    installed(npm, "install", "--no-audit", "--no-fund", *packages, folder=folder)
    return folder / "node_modules" / ".bin"


def answer(url: str) -> Any:
    """What an address says."""
    with urllib.request.urlopen(url, timeout=20) as said:  # noqa: S310 - our own server
        return json.load(said)


def test_sam_deploys(cloud: LocalCloud, shell: Any, tmp_path: Path) -> None:
    """`sam deploy` brings the code into a bucket, and the API answers."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "own"], check=True)
    tools = tmp_path / "own" / "bin"
    installed(tools / "pip", "install", "--quiet", "aws-sam-cli>=1.150,<2", folder=tmp_path)
    (tmp_path / "template.yaml").write_text(sam_template("ask", "CodeUri: src"))
    boto3.client("s3", **cloud.boto3_kwargs).create_bucket(Bucket="artifacts")
    words = ("--s3-bucket", "artifacts", "--capabilities", "CAPABILITY_IAM", "--no-progressbar")
    shell(tools / "sam", "deploy", "--stack-name", "by-sam", "--no-confirm-changeset", *words)

    stacks = boto3.client("cloudformation", **cloud.boto3_kwargs)
    [told] = stacks.describe_stacks(StackName="by-sam")["Stacks"][0]["Outputs"]
    assert answer(cloud.local_url(told["OutputValue"]) + "ask") == ["GET /ask", "2.0"]
    stacks.delete_stack(StackName="by-sam")


def test_chalice_deploys(cloud: LocalCloud, shell: Any, tmp_path: Path) -> None:
    """`chalice deploy` makes the role, the function and a REST API, which answers."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "own"], check=True)
    tools = tmp_path / "own" / "bin"
    installed(tools / "pip", "install", "--quiet", "chalice>=1.31,<2", folder=tmp_path)
    shell(tools / "chalice", "new-project", "told")
    (tmp_path / "told" / "app.py").write_text(CHALICE)
    shell(tools / "chalice", "--project-dir", "told", "deploy")

    url = shell(tools / "chalice", "--project-dir", "told", "url").strip()
    assert answer(cloud.local_url(url)) == {"told": "by Chalice"}
    shell(tools / "chalice", "--project-dir", "told", "delete")


def test_cdk_deploys(cloud: LocalCloud, shell: Any, tmp_path: Path) -> None:
    """`cdk bootstrap`, `deploy` with the roles that it assumes, and `destroy`."""
    cdk = with_npm(tmp_path, "aws-cdk@2", "aws-cdk-lib@2", "constructs@10") / "cdk"
    (tmp_path / "app.js").write_text(CDK)
    (tmp_path / "cdk.json").write_text('{"app": "node app.js"}')
    shell(cdk, "bootstrap", "aws://000000000000/us-east-1")
    shell(cdk, "deploy", "--require-approval", "never", "--outputs-file", "outputs.json")

    [url] = json.loads((tmp_path / "outputs.json").read_text())["Asked"].values()
    assert answer(cloud.local_url(url)) == ["$default", "2.0"]
    shell(cdk, "destroy", "--force")


def test_the_javascript_sdk_invokes(deploy: Any, shell: Any, tmp_path: Path) -> None:
    """Its third version, with nothing but the variables."""
    with_npm(tmp_path, "@aws-sdk/client-lambda@3")
    (tmp_path / "ask.mjs").write_text(JAVASCRIPT)
    function = deploy("def handler(event, context): return event['n'] + 1")

    assert shell("node", "ask.mjs", function.name) == "42\n"
