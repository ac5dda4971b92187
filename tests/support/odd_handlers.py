"""Right handlers in styles that the labs do not show."""

from __future__ import annotations

from handler_parts import (
    AGENT,
    ASKED,
    BODY,
    CALL,
    COMPLETE,
    HOOK,
    IN_A_POOL,
    PIECES,
    POOL,
    SEND,
    SEVERAL,
    handler,
)

#: Right ones that no template foresaw.
ODD: dict[tuple[int, str], str] = {
    (1, "a lambda"): COMPLETE + "handler = lambda e, c: dict("
    'zip(("answer", "output_tokens"), complete(e["question"], e["max_tokens"])))',
    (1, "a class"): f"""{COMPLETE}
class Answerer:
    @metered
    def __call__(this, anything, at_all):
        text, n = complete(anything["question"], anything["max_tokens"])
        return {{"output_tokens": n, "answer": text, "more": 1}}
handler = Answerer()
""",
    (1, "nested, and async inside"): f"""{COMPLETE}import asyncio
def outer():
    async def inner(event):
        return await asyncio.to_thread(complete, event["question"], event["max_tokens"])
    def handle(event, context=None):
        text, n = asyncio.run(inner(event))
        return {{"answer": text, "output_tokens": n}}
    return handle
handler = outer()
""",
    (1, "httpx"): handler(
        "import os, httpx",
        'asked = {"model": os.environ["MODEL"], "max_tokens": event["max_tokens"],'
        ' "messages": [{"role": "user", "content": event["question"]}]}\n'
        'key = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}\n'
        'url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"\n'
        "if (said := httpx.post(url, json=asked, headers=key).json())['choices']:\n"
        "    text = said['choices'][0]['message']['content']\n"
        "return {'answer': text, 'output_tokens': said['usage']['completion_tokens']}",
    ),
    (2, "status and headers first"): handler(
        PIECES,
        'yield {"statusCode": 200, "headers": {"Content-Type": "text/plain"}}\n'
        'yield from pieces("?", event["max_tokens"])',
    ),
    (2, "a generator expression"): f"{PIECES}\ndef handler(event, _):\n"
    '    return (piece.encode() for piece in pieces("?", event["max_tokens"]))\n',
    (2, "a class with __next__"): f"""{PIECES}
class Handler:
    def __init__(self, event, context):
        self.source = pieces("?", event["max_tokens"])
    def __iter__(self):
        return self
    def __next__(self):
        return next(self.source)
handler = Handler
""",
    (2, "a thread and a queue"): handler(
        f"{PIECES}import queue, threading",
        "came = queue.Queue()\n"
        'def work():\n    for one in pieces("?", event["max_tokens"]):\n        came.put(one)\n'
        "    came.put(None)\n"
        "threading.Thread(target=work).start()\n"
        "yield from iter(came.get, None)",
    ),
    (3, "as they come, with a class"): f"""{SEND}
class Sender:
    def __call__(self, event, context):
        {ASKED.strip()}
        kept = []
        for token in pieces("?", asked["max_tokens"]):
            kept.append(token)
            if len(kept) == 10:
                send(about, {{"to": asked["id"], "tokens": kept}})
                kept = []
        if kept:
            send(about, {{"to": asked["id"], "tokens": kept}})
handler = Sender()
""",
    (3, "a module's pool, waited for"): handler(POOL, f"{IN_A_POOL}POOL.submit(work).result()"),
    (2, "OpenAI's own package, made anew"): handler(
        "import os\nfrom openai import OpenAI",
        'asked = {"model": os.environ["MODEL"], "max_tokens": event["max_tokens"]}\n'
        'words = [{"role": "user", "content": "?"}]\n'
        "for one in OpenAI().chat.completions.create(**asked, messages=words, stream=True):\n"
        "    if one.choices and one.choices[0].delta.content:\n"
        "        yield one.choices[0].delta.content",
    ),
    (4, "three by name"): handler(
        SEVERAL,
        "async def every(lengths):\n"
        "    a, b, c = await asyncio.gather(*(complete_async(PROMPT, n) for n in lengths))\n"
        "    return a[1], b[1], c[1]\n"
        'return {"output_tokens": asyncio.run(every(event["lengths"]))}',
    ),
    (4, "threads"): f"""{SEVERAL}from concurrent.futures import ThreadPoolExecutor
def handler(event, context):
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda n: complete(PROMPT, n), event["lengths"]))
    return {{"output_tokens": [n for _, n in found]}}
""",
    (4, "a task group"): f"""{SEVERAL}
async def work(lengths):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(complete_async(PROMPT, n)) for n in lengths]
    return [task.result()[1] for task in tasks]
handler = lambda event, context: {{"output_tokens": asyncio.run(work(event["lengths"]))}}
""",
    (4, "OpenAI's own package, made anew"): handler(
        "import asyncio, os\nfrom openai import AsyncOpenAI",
        "async def every(lengths):\n"
        "    words = [{'role': 'user', 'content': '?'}]\n"
        "    asked = {'model': os.environ['MODEL'], 'messages': words}\n"
        "    async with AsyncOpenAI() as client:\n"
        "        ask = client.chat.completions.create\n"
        "        waits = [ask(**asked, max_completion_tokens=n) for n in lengths]\n"
        "        return [one.usage.completion_tokens for one in await asyncio.gather(*waits)]\n"
        'return {"output_tokens": asyncio.run(every(event["lengths"]))}',
    ),
    (4, "a runner"): handler(
        SEVERAL,
        "async def every(lengths):\n"
        "    return await asyncio.gather(*(complete_async(PROMPT, n) for n in lengths))\n"
        "with asyncio.Runner() as runner:\n"
        '    found = runner.run(every(event["lengths"]))\n'
        '    return {"output_tokens": [n for _, n in found]}',
    ),
    (1, "threads that are waited for"): handler(
        f"{COMPLETE}from threading import Thread",
        "kept = []\n"
        'asked = event["question"], event["max_tokens"]\n'
        "work = Thread(target=lambda: kept.extend(complete(*asked)))\n"
        "work.start()\nwork.join()\n"
        'return {"answer": kept[0], "output_tokens": kept[1]}',
    ),
    (1, "another lab's client"): handler(
        PIECES,
        'parts = [*pieces(event["question"], event["max_tokens"])]\n'
        'return {"answer": "".join(parts), "output_tokens": len(parts)}',
    ),
    (1, "a shape of its own, and arguments by name"): f"""{COMPLETE}
def shaped(ask):
    def given(event, _):
        return dict(zip(("answer", "output_tokens"), ask(**event)))
    return given
@metered
@shaped
def handler(question: str, max_tokens: int) -> tuple[str, int]:
    return complete(f"In short: {{question}}", max_tokens)
""",
    (1, "urllib, a walrus and a match"): handler(
        "import json, os\nfrom urllib.request import Request, urlopen",
        'asked = {"model": os.environ["MODEL"], "max_tokens": event["max_tokens"],'
        ' "messages": [{"role": "user", "content": event["question"]}]}\n'
        'key = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"],'
        ' "Content-Type": "application/json"}\n'
        'url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"\n'
        "with urlopen(Request(url, json.dumps(asked).encode(), key)) as said:\n"
        "    match (told := json.load(said)):\n"
        '        case {"choices": [{"message": {"content": text}}], "usage": used}:\n'
        '            return {"answer": text, "output_tokens": used["completion_tokens"]}',
    ),
    (2, "slow at each piece"): handler(
        f"{PIECES}\nimport time",
        'for one in pieces("?", event["max_tokens"]):\n    time.sleep(0.03)\n    yield one',
    ),
    (2, "slow at the first piece"): handler(
        f"{PIECES}\nimport time",
        'for n, one in enumerate(pieces("?", event["max_tokens"])):\n'
        "    time.sleep(0.25 * (n == 0) + 0.01)\n    yield one",
    ),
    (2, "busy at each piece"): handler(
        f"{PIECES}\nimport hashlib",
        'for one in pieces("?", event["max_tokens"]):\n'
        '    hashlib.pbkdf2_hmac("sha256", b"a", b"b", 30_000)\n    yield one',
    ),
    (2, "two at a time"): handler(
        PIECES,
        'kept = ""\nfor n, one in enumerate(pieces("?", event["max_tokens"])):\n    kept += one\n'
        '    if n % 2:\n        yield kept\n        kept = ""\nif kept:\n    yield kept',
    ),
    (2, "a pipeline of generators"): f"""{PIECES}
def encoded(source):
    yield from (piece.encode() for piece in source)
def pipeline(event, context):
    return encoded(map(str, pieces("?", event["max_tokens"])))
handler = lambda *given: pipeline(*given)
""",
    (5, "the whole response"): handler(
        CALL, f'{BODY}{HOOK}return call("/responses", {{**body, "background": True}})'
    ),
    (5, "OpenAI's own package"): handler(
        "import os\nfrom openai import OpenAI",
        'hook = {"webhook_url": event["webhook_url"]}\n'
        'asked = dict(model=os.environ["MODEL"], input=event["question"], background=True)\n'
        "return {'id': OpenAI().responses.create(**asked, metadata=hook).id}",
    ),
    (6, "two readings of the clock"): handler(
        f"{COMPLETE}import json, time",
        "began, cpu = time.perf_counter(), time.process_time()\n"
        'tokens = complete(event["question"], event["max_tokens"])[1]\n'
        "print(json.dumps({'metered': 1, 'request_id': context.aws_request_id,"
        " 'cpu_ms': 1000 * (time.process_time() - cpu),"
        " 'wall_ms': 1000 * (time.perf_counter() - began)}))\nreturn {'output_tokens': tokens}",
    ),
    (6, "a meter of its own, in whole milliseconds"): f"""{COMPLETE}import json, time
from contextlib import contextmanager
@contextmanager
def meter(context):
    wall, cpu = time.monotonic(), time.process_time_ns()
    yield
    line = {{"metered": 1, "request_id": context.aws_request_id, "cold": False}}
    line["cpu_ms"] = round((time.process_time_ns() - cpu) / 1e6)
    print(json.dumps({{**line, "wall_ms": round(1000 * (time.monotonic() - wall))}}))
def handler(event, context):
    with meter(context):
        return {{"output_tokens": complete(event["question"], event["max_tokens"])[1]}}
""",
    (6, "another name, decorated by hand"): f"""{COMPLETE}
def work(event, context):
    return {{"output_tokens": complete(event["question"], event["max_tokens"])[1]}}
handler = metered(work)
""",
    (7, "the SDK's own wait"): handler(
        AGENT,
        'said = context.wait_for_callback(lambda it, _: ask(event, {"callback": it}))\n'
        'return {"tokens": json.loads(said)["tokens"]}',
        "@durable_execution",
    ),
    (7, "a lambda, decorated by hand"): f"""{AGENT}
def work(event, context):
    model = context.create_callback(name="a ticket", config=A_DAY)
    context.step(lambda _: ask(event, {{"callback": model.callback_id}}))
    return json.loads(model.result())
handler = durable_execution(work)
""",
}
