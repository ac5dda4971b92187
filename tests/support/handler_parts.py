"""What handlers of the labs are put together from: their imports, and lines that several have."""

from __future__ import annotations

from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
LABS = {int(path.name[0]): path for path in (ROOT / "labs").glob("*.ipynb")}
COMPLETE = "from client_http import complete\nfrom metered import metered\n"
PIECES = "from client_stream import pieces\n"
SEND = f"import json, threading\nfrom itertools import islice\n{PIECES}from sockets import send\n"
SEVERAL = "import asyncio\nfrom several import PROMPT, complete, complete_async\n"
CALL = "import os, time\nfrom suspended import call\n"
AGENT = """import json, time
from agent import A_DAY, ask
from aws_durable_execution_sdk_python import durable_execution
"""


def handler(imports: str, body: str, before: str = "") -> str:
    """A file with a plain handler of these lines."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"{imports}\n{before}\ndef handler(event, context):\n{lines}\n"


def logs(cpu_ms: str, before: str = "", question: str = "'?'") -> str:
    """Lab 6's, with a line of its own for the meter's, that has this for the CPU."""
    return handler(
        f"{COMPLETE}import json, time",
        "began, cpu = time.time(), time.process_time()\n"
        f"tokens = complete({question}, 20)[1]\n"
        "spent, wall = time.process_time() - cpu, 1000 * (time.time() - began)\n"
        f"line = {{'request_id': context.aws_request_id, 'cpu_ms': {cpu_ms}, 'cold': False}}\n"
        "print(json.dumps({'metered': 1, **line, 'wall_ms': wall}))\n"
        "return {'output_tokens': tokens}",
        before,
    )


def played_back(words: str, first: str = "pass") -> str:
    """Lab 2's, that yields words which it has already, and sleeps between them."""
    body = f"{first}\nfor one in {words}:\n    yield f' {{one.strip()}}'\n    time.sleep(0.02)"
    return handler(f"{COMPLETE}{PIECES}import time", body)


ASKED = 'about, asked = event["requestContext"]["connectionId"], json.loads(event["body"])\n'
TOKENS = f'{ASKED}tokens = [*pieces("?", asked["max_tokens"])]\n'
POOL = f"{SEND}from concurrent.futures import ThreadPoolExecutor\nPOOL = ThreadPoolExecutor(1)\n"
IN_A_POOL = (
    f"{ASKED}def work():\n    tokens = pieces('?', asked['max_tokens'])\n"
    "    while ten := [*islice(tokens, 10)]:\n"
    "        send(about, {'to': asked['id'], 'tokens': ten})\n"
)
BODY = 'body = {"model": os.environ["MODEL"], "input": event["question"]}\n'
HOOK = 'body["metadata"] = {"webhook_url": event["webhook_url"]}\n'
ID = "return {'id': call('/responses', body)['id']}"
OWN = f"{BODY}{HOOK}body['background'] = True\nown = call('/responses', body)['id']\n"
CALLBACK = 'model = context.create_callback(name="model", config=A_DAY)\n'
TICKET = 'ticket = {"callback": model.callback_id}\n'
STEP = 'context.step(lambda _: ask(event, ticket), name="ask")\n'
RESULT = 'return {"tokens": json.loads(model.result())["tokens"]}'
DURABLE = "@durable_execution"
GATHER = 'return {"output_tokens": [n for _, n in asyncio.run(every(event["lengths"]))]}'


def files(lab: int) -> list[str]:
    """A lab's stub and its solution."""
    cells = nbformat.read(LABS[lab], 4).cells
    front = f"%%writefile my_handler_{lab}.py\n"
    return [cell.source.removeprefix(front) for cell in cells if cell.source.startswith(front)]
