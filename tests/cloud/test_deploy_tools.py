"""Clients to be installed first: command lines of SAM, CDK, Chalice, Zappa, Serverless, and wscat.

AWS's own command line, its SDK for JavaScript, Vercel's AI SDK, LangChain, LiteLLM and LlamaIndex
are here too.

They come from the package indices at each run, in folders of their own.
"""

from __future__ import annotations

import base64
import json
import os
import pty
import subprocess
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from installing import PYTHON, with_npm, with_pip
from refusals import let
from sam_template import HANDLER, sam_template

from serverless_tax.cloud import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

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

ZAPPA = {
    "app_function": "app.app", "aws_region": "us-east-1", "project_name": "told",
    "s3_bucket": "zappa-told", "keep_warm": False, "touch": False, "runtime": PYTHON,
}  # fmt: skip
"""It would ask AWS's own host whether the API is there (touch)."""
FLASK = """
from flask import Flask
app = Flask(__name__)
@app.route("/")
def told():
    return {"told": "by Zappa"}
"""
SERVERLESS = """
service: asked
plugins: [serverless-localstack]
custom: {localstack: {stages: [dev], host: "http://127.0.0.1", edgePort: PORT}}
package: {patterns: ["!**", "src/**"]}
provider: {name: aws, runtime: PYTHON, region: us-east-1, stage: dev}
functions:
  told:
    handler: src/index.handler
    events:
      - httpApi: {path: /ask, method: get}
      - sqs: {arn: !GetAtt Queue.Arn, batchSize: 1}
resources: {Resources: {Queue: {Type: AWS::SQS::Queue}}}
"""
"""Its third version has an SDK without AWS_ENDPOINT_URL; the plugin gives it the address."""
SOCKET = """
import boto3, os
def handler(event, context):
    asked = event["requestContext"]
    if asked["eventType"] == "MESSAGE":
        client = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["CALLBACK_URL"])
        said = ("echo " + event["body"]).encode()
        client.post_to_connection(ConnectionId=asked["connectionId"], Data=said)
    return {"statusCode": 200}
"""
AI_SDK = """
import { generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { z } from "zod";
globalThis.AI_SDK_LOG_WARNINGS = false;
const [baseURL, apiKey] = process.argv.slice(2);
const openai = createOpenAI({ baseURL, apiKey });
const models = [openai("sim"), openai.chat("sim"), createAnthropic({ baseURL, apiKey })("sim")];
const schema = z.object({ city: z.string() });
const weather = tool({ description: "w", inputSchema: schema, execute: () => "rain" });
for (const model of models) {
  const { text } = await generateText({ model, prompt: "Why?" });
  const streamed = await streamText({ model, prompt: "Why?" }).text;
  const { object } = await generateObject({ model, schema, prompt: "Where?" });
  const asked = { model, prompt: "Where?", tools: { weather }, stopWhen: stepCountIs(3) };
  const { steps } = await generateText(asked);
  console.log(JSON.stringify([text === streamed, object, steps.map((one) => one.finishReason)]));
}
"""
LANGCHAIN = """
import sys
from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI
from pydantic import BaseModel
class Place(BaseModel):
    city: str
def weather(city: str) -> str:
    "The weather of a city."
    return "rain"
base_url, api_key, anthropic_url = sys.argv[1:]
for model in (
    ChatOpenAI(model="sim", base_url=base_url, api_key=api_key),
    ChatOpenAI(model="sim", base_url=base_url, api_key=api_key, use_responses_api=True),
    ChatAnthropic(model="sim", base_url=anthropic_url, api_key=api_key),
):
    assert model.with_structured_output(Place).invoke("Where?").city
    assert len(list(model.stream("Why?"))) > 3
    agent = create_agent(model, [weather], response_format=Place)
    said = agent.invoke({"messages": [{"role": "user", "content": "Where?"}]})
    print(type(model).__name__, said["structured_response"].city, len(said["messages"]))
"""
LITELLM = """
import sys
import litellm
from pydantic import BaseModel
class Place(BaseModel):
    city: str
base_url, api_key, anthropic_url = sys.argv[1:]
for model, url in (("openai/sim", base_url), ("anthropic/claude-opus-4-6", anthropic_url)):
    asked = {"model": model, "api_base": url, "api_key": api_key}
    asked["messages"] = [{"role": "user", "content": "Why?"}]
    said = litellm.completion(**asked, response_format=Place, reasoning_effort="low")
    streamed = list(litellm.completion(**asked, stream=True))
    print(Place.model_validate_json(said.choices[0].message.content).city, len(streamed) > 3)
"""
LLAMA_INDEX = """
import asyncio, sys
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.llms.anthropic import Anthropic
from llama_index.llms.openai import OpenAI, OpenAIResponses
from pydantic import BaseModel
class Place(BaseModel):
    "A place."
    city: str
def weather(city: str) -> str:
    "The weather of a city."
    return "rain"
base_url, api_key, anthropic_url = sys.argv[1:]
ask = [ChatMessage(role="user", content="Why?")]
async def main():
    for model in (
        OpenAI(model="gpt-4o-mini", api_base=base_url, api_key=api_key),
        OpenAIResponses(model="gpt-4o-mini", api_base=base_url, api_key=api_key),
        Anthropic(model="claude-sonnet-4-5", base_url=anthropic_url, api_key=api_key),
    ):
        streamed = "".join(one.delta or "" for one in model.stream_chat(ask))
        is_same = model.chat(ask).message.content == streamed
        place = model.as_structured_llm(Place).complete("Where?").raw
        told = await FunctionAgent(tools=[weather], llm=model).run("Where?")
        print(type(model).__name__, is_same, place.city, [one.tool_name for one in told.tool_calls])
asyncio.run(main())
"""


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A fast one."""
    with Provider(ttft_ms=5, tokens_per_s=2000, output_tokens=20) as running:
        yield running


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
        "SLS_TELEMETRY_DISABLED": "1",
        "VIRTUAL_ENV": str(tmp_path / "own"),  # what Zappa packs
        "CDK_DISABLE_VERSION_CHECK": "1",
    }
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "index.py").write_text(HANDLER)

    def run(*words: str | Path, **more: Any) -> str:
        done = subprocess.run(
            words,
            cwd=tmp_path,
            env={**kept, **given},
            stdin=more.get("stdin", subprocess.DEVNULL),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    return run


def answer(url: str) -> Any:
    """What an address says."""
    with urllib.request.urlopen(url, timeout=60) as said:  # noqa: S310 - our own server
        return json.load(said)


def test_sam_deploys(cloud: LocalCloud, shell: Any, tmp_path: Path) -> None:
    """`sam deploy` brings the code into a bucket, and the API answers."""
    tools = with_pip(tmp_path, "aws-sam-cli>=1.150,<2")
    (tmp_path / "template.yaml").write_text(sam_template("ask", "CodeUri: src"))
    boto3.client("s3", **cloud.boto3_kwargs).create_bucket(Bucket="artifacts")
    words = ("--s3-bucket", "artifacts", "--capabilities", "CAPABILITY_IAM", "--no-progressbar")
    shell(tools / "sam", "deploy", "--stack-name", "by-sam", "--no-confirm-changeset", *words)

    stacks = boto3.client("cloudformation", **cloud.boto3_kwargs)
    [told] = stacks.describe_stacks(StackName="by-sam")["Stacks"][0]["Outputs"]
    assert answer(cloud.local_url(told["OutputValue"]) + "ask") == ["GET /ask", "2.0"]
    stacks.delete_stack(StackName="by-sam")


def test_awss_command_line_works(shell: Any, tmp_path: Path) -> None:
    """A function from a file, its answer and log, and a bucket, with nothing but the variables."""
    aws = with_pip(tmp_path, "awscli>=1.40,<2") / "aws"
    assert json.loads(shell(aws, "sts", "get-caller-identity"))["Account"] == "000000000000"
    with zipfile.ZipFile(tmp_path / "src.zip", "w") as package:
        package.write(tmp_path / "src" / "index.py", "index.py")
    named = ("--function-name", "by-hand")
    role = ("--role", "arn:aws:iam::000000000000:role/test", "--zip-file", "fileb://src.zip")
    made = ("--runtime", PYTHON, "--handler", "index.handler", *role)
    shell(aws, "lambda", "create-function", *named, *made)
    shell(aws, "lambda", "wait", "function-active-v2", *named)
    event = ("--payload", '{"routeKey": "own", "version": "1"}', "--log-type", "Tail")
    said = json.loads(shell(aws, "lambda", "invoke", *named, *event, "told.json"))
    assert "REPORT RequestId" in base64.b64decode(said["LogResult"]).decode()
    told = json.loads((tmp_path / "told.json").read_text())
    assert json.loads(told["body"]) == ["own", "1"]
    shell(aws, "s3", "mb", "s3://by-hand")
    shell(aws, "s3", "cp", "told.json", "s3://by-hand/a/told.json")
    assert "told.json" in shell(aws, "s3", "ls", "s3://by-hand", "--recursive")
    shell(aws, "s3", "rb", "s3://by-hand", "--force")
    shell(aws, "lambda", "delete-function", *named)


def test_chalice_deploys(cloud: LocalCloud, shell: Any, tmp_path: Path) -> None:
    """`chalice deploy` makes the role, the function and a REST API, which answers."""
    tools = with_pip(tmp_path, "chalice>=1.31,<2")
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


def test_zappa_deploys(cloud: LocalCloud, shell: Any, tmp_path: Path) -> None:
    """`zappa deploy`, `status`, `update` and `undeploy` of a Flask application."""
    zappa = with_pip(tmp_path, "zappa>=0.60,<1", "flask>=3,<4") / "zappa"
    (tmp_path / "app.py").write_text(FLASK)
    (tmp_path / "zappa_settings.json").write_text(json.dumps({"dev": ZAPPA}))
    shell(zappa, "deploy", "dev")

    apis = boto3.client("apigateway", **cloud.boto3_kwargs).get_rest_apis()["items"]
    [api] = [one["id"] for one in apis if one["name"] == "told-dev"]
    url = cloud.local_url(f"https://{api}.execute-api.us-east-1.amazonaws.com/dev/")
    patient = Config(read_timeout=120)  # an API waits 29 seconds, also for a first start
    lambda_ = boto3.client("lambda", config=patient, **cloud.boto3_kwargs)
    lambda_.invoke(FunctionName="told-dev", Payload=b"{}")
    assert answer(url) == {"told": "by Zappa"}
    assert "told-dev" in shell(zappa, "status", "dev")
    shell(zappa, "update", "dev")
    shell(zappa, "undeploy", "dev", "--yes")


def test_serverless_deploys(cloud: LocalCloud, shell: Any, tmp_path: Path) -> None:
    """`serverless deploy`, `invoke` and `remove`; the API answers and the queue is polled."""
    command = with_npm(tmp_path, "serverless@3", "serverless-localstack@1") / "serverless"
    port = cloud.endpoint_url.rpartition(":")[2]
    told = SERVERLESS.replace("PORT", port).replace("PYTHON", PYTHON)
    (tmp_path / "serverless.yml").write_text(told)
    shell(command, "deploy")

    stacks = boto3.client("cloudformation", **cloud.boto3_kwargs)
    outputs = stacks.describe_stacks(StackName="asked-dev")["Stacks"][0]["Outputs"]
    [url] = [one["OutputValue"] for one in outputs if one["OutputKey"] == "HttpApiUrl"]
    assert answer(cloud.local_url(f"{url}/ask")) == ["GET /ask", "2.0"]
    event = json.dumps({"routeKey": "own", "version": "1"})
    assert "own" in shell(command, "invoke", "--function", "told", "--data", event)
    shell(command, "remove")


def test_wscat_talks(cloud: LocalCloud, deploy: Any, shell: Any, tmp_path: Path) -> None:
    """It opens a socket, says something and is answered."""
    wscat = with_npm(tmp_path, "wscat@6") / "wscat"
    api = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    made = api.create_api(
        Name="cat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )
    of_it = {"ApiId": made["ApiId"]}
    back = {"CALLBACK_URL": cloud.callback_url(made["ApiId"], "prod")}
    function = deploy(SOCKET, Environment={"Variables": back})
    let(function.client, function.name)
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function.name}"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    called = api.create_integration(**of_it, IntegrationType="AWS_PROXY", IntegrationUri=uri)
    for key in ("$connect", "$default"):
        target = f"integrations/{called['IntegrationId']}"
        api.create_route(**of_it, RouteKey=key, Target=target)
    api.create_stage(**of_it, StageName="prod")

    keyboard, screen = pty.openpty()  # without a terminal wscat ends at once
    url = cloud.local_url(f"{made['ApiEndpoint']}/prod")
    assert shell(wscat, "-c", url, "-x", "hello", "-w", "4", stdin=screen) == "echo hello\n"
    os.close(keyboard)
    os.close(screen)
    api.delete_api(**of_it)


def test_vercels_ai_sdk_asks(provider: Provider, shell: Any, tmp_path: Path) -> None:
    """By both of OpenAI's APIs and by Anthropic's: words, a stream, an object and a tool."""
    with_npm(tmp_path, "ai@6", "@ai-sdk/openai@3", "@ai-sdk/anthropic@3", "zod@4")
    (tmp_path / "ask.mjs").write_text(AI_SDK)
    said = shell("node", "ask.mjs", provider.base_url, provider.api_key)
    assert said.splitlines() == ['[true,{"city":"bill counts the"},["tool-calls","stop"]]'] * 3


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (LANGCHAIN,
         (["langchain>=1,<2", "langchain-openai>=1,<2", "langchain-anthropic>=1,<2"],
          ["ChatOpenAI bill counts the 5", "ChatOpenAI bill counts the 5",
           "ChatAnthropic bill counts the 5"])),
        (LITELLM, (["litellm>=1,<2"], ["bill counts the True"] * 2)),
        (LLAMA_INDEX,
         (["llama-index-core>=0.14,<0.15", "llama-index-llms-openai>=0.8,<0.9",
           "llama-index-llms-anthropic>=0.12,<0.13", "anthropic<1"],  # it cannot use a newer one
          [f"{name} True bill counts the ['weather']"
           for name in ("OpenAI", "OpenAIResponses", "Anthropic")])),
    ],
    ids=["LangChain", "LiteLLM", "LlamaIndex"],
)  # fmt: skip
def test_a_library_of_models_asks(
    provider: Provider, shell: Any, tmp_path: Path, code: str, told: tuple[list[str], list[str]]
) -> None:
    """A stream, an object, and an agent that waits for the tool of its answer."""
    packages, lines = told
    python = with_pip(tmp_path, *packages) / "python"
    (tmp_path / "ask.py").write_text(code)
    said = shell(python, "ask.py", provider.base_url, provider.api_key, provider.anthropic_url)
    assert said.splitlines() == lines
