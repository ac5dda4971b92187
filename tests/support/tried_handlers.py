"""Handlers as learners write them, wrong and right, and what each wrong one is told.

The solutions are the labs' own; the stubs too.
"""

from __future__ import annotations

from handler_parts import (
    AGENT,
    ASKED,
    BODY,
    CALL,
    CALLBACK,
    COMPLETE,
    DURABLE,
    GATHER,
    HOOK,
    OWN,
    PIECES,
    RESULT,
    SEND,
    SEVERAL,
    STEP,
    TICKET,
    TOKENS,
    handler,
    logs,
    played_back,
)

#: Wrong handlers by lab and name, with a word of the hint that each gets.
WRONG: dict[tuple[int, str], tuple[str, str]] = {
    (1, "a request per token"): (
        handler(
            COMPLETE,
            'parts = [complete("?", 1) for _ in range(event["max_tokens"])]\n'
            'return {"answer": "".join(t for t, _ in parts), "output_tokens": len(parts)}',
        ),
        "one token at a time",
    ),
    (1, "a thread that nobody waits for"): (
        handler(
            f"{COMPLETE}import threading",
            'kept = ["", 0]\n'
            'def work():\n    kept[:] = complete("?", event["max_tokens"])\n'
            "threading.Thread(target=work).start()\n"
            'return {"answer": kept[0], "output_tokens": kept[1]}',
        ),
        "frozen with the environment",
    ),
    (1, "an answer kept from before"): (
        handler(
            COMPLETE,
            "if not KEPT:\n    KEPT.append(complete('?', 20))\n"
            'return dict(zip(("answer", "output_tokens"), KEPT[0]))',
            "KEPT = []\n",
        ),
        "Ask at each invocation",
    ),
    (1, "a coroutine"): (
        f"{COMPLETE}\nasync def handler(event, context):\n    return complete('?', 20)\n",
        "awaits no coroutine",
    ),
    (1, "the text alone"): (
        handler(COMPLETE, 'return complete("?", event["max_tokens"])[0]'),
        'a dict with "answer" (a text) and "output_tokens" (a whole number)',
    ),
    (1, "a length typed in"): (
        handler(
            COMPLETE, 'text, n = complete("?", 20)\nreturn {"answer": text, "output_tokens": n}'
        ),
        "It answered 20 tokens, not the 2",
    ),
    (1, "one token"): (
        handler(
            COMPLETE, 'text, n = complete("?", 1)\nreturn {"answer": text, "output_tokens": n}'
        ),
        "It answered 1 tokens, not the 20",
    ),
    (1, "asked twice"): (
        handler(
            COMPLETE,
            'complete("?", event["max_tokens"])\ntext, n = complete("?", event["max_tokens"])\n'
            'return {"answer": text, "output_tokens": n}',
        ),
        "Who asks twice",
    ),
    (1, "a constant after the wait"): (
        handler(
            "import time",
            'time.sleep(0.7)\nreturn {"answer": " a bill", "output_tokens": event["max_tokens"]}',
        ),
        "asked for 0 tokens, and 20 were returned",
    ),
    (1, "a constant beside a short question"): (
        handler(
            f"{COMPLETE}import time",
            'text, _ = complete("?", 1)\ntime.sleep(0.3)\n'
            'return {"answer": text, "output_tokens": event["max_tokens"]}',
        ),
        "asked for 1 tokens, and 20 were returned",
    ),
    (1, "a set"): (handler(COMPLETE, 'return {*complete("?", 2)}'), "cannot be sent as JSON"),
    (1, "a package from nowhere"): (handler("import nowhere_at_all", "return {}"), "is not there"),
    (1, "no colon"): ("def handler(event, context)\n    return {}\n", "line 1, expected ':'"),
    (1, "a cache"): (
        handler(
            COMPLETE,
            'return dict(zip(("answer", "output_tokens"), ask(event["max_tokens"])))',
            'from functools import cache\nask = cache(lambda n: complete("?", n))\n',
        ),
        "Ask at each invocation",
    ),
    (1, "a dict's part with a point"): (
        handler(COMPLETE, "return complete(event.question, event.max_tokens)"),
        "taken with brackets",
    ),
    (1, "one argument"): (f"{COMPLETE}\ndef handler(event):\n    return 0\n", "two arguments"),
    (2, "dicts"): (
        handler(PIECES, 'for one in pieces("?", event["max_tokens"]):\n    yield {"token": one}'),
        "something else than text",
    ),
    (2, "printed"): (
        handler(PIECES, 'for piece in pieces("?", event["max_tokens"]):\n    print(piece)'),
        "It returned null",
    ),
    (2, "the generator yielded"): (
        handler(PIECES, 'yield pieces("?", event["max_tokens"])'),
        "`yield from`",
    ),
    (2, "a constant at the model's pace"): (
        handler(
            "import time",
            'for n in range(event["max_tokens"]):\n    time.sleep(0.02)\n    yield f" {n}"',
        ),
        "asked for 0 tokens, and 20 were returned",
    ),
    (2, "words before it"): (
        handler(PIECES, 'yield "Answer:"\nyield from pieces("?", event["max_tokens"])'),
        "the answer's pieces, and nothing else",
    ),
    (2, "the whole at the end"): (
        handler(PIECES, 'return "".join(pieces("?", event["max_tokens"]))'),
        "posted whole",
    ),
    (2, "collected, then yielded"): (
        handler(PIECES, 'yield from list(pieces("?", event["max_tokens"]))'),
        "collected first",
    ),
    (2, "collected, then played back"): (
        played_back('list(pieces("?", event["max_tokens"]))'),
        "it was collected, and played back",
    ),
    (2, "headers, then played back"): (
        played_back(
            '"".join(pieces("?", event["max_tokens"])).split()', 'yield {"statusCode": 200}'
        ),
        "it was collected, and played back",
    ),
    (2, "asked whole, then played back"): (
        played_back('complete("?", event["max_tokens"])[0].split()'),
        "it was collected, and played back",
    ),
    (2, "a return in the loop"): (
        handler(PIECES, 'for piece in pieces("?", 20):\n    yield piece\n    return'),
        "does it return before the last",
    ),
    (2, "numbers"): (
        handler(PIECES, 'for n, _ in enumerate(pieces("?", 20)):\n    yield n'),
        "something else than text",
    ),
    (2, "a list of pieces"): (
        handler(PIECES, 'yield list(pieces("?", event["max_tokens"]))'),
        "something else than text",
    ),
    (2, "a request per token"): (
        handler(PIECES, 'for _ in range(event["max_tokens"]):\n    yield from pieces("?", 1)'),
        "one token at a time",
    ),
    (3, "a callback not awaited"): (
        handler(
            SEND,
            f"{ASKED}def work():\n    for token in pieces('?', asked['max_tokens']):\n"
            "        send(about, {'to': 'mine', 'tokens': [token]})\n"
            "threading.Thread(target=work, daemon=True).start()\nreturn {'statusCode': 200}",
        ),
        "send, then return",
    ),
    (3, "the rest is lost"): (
        handler(
            SEND,
            f"{TOKENS}for at in range(0, len(tokens) - 9, 10):\n"
            "    send(about, {'to': 'mine', 'tokens': tokens[at : at + 10]})\n"
            "return {'statusCode': 200}",
        ),
        "5 of 25 tokens never came",
    ),
    (3, "one token a message"): (
        handler(
            SEND,
            f"{TOKENS}for token in tokens:\n    send(about, {{'to': 'mine', 'tokens': [token]}})\n"
            "return {'statusCode': 200}",
        ),
        "each is a signed call",
    ),
    (3, "one message at the end"): (
        handler(SEND, f"{TOKENS}send(about, {{'to': 'mine', 'tokens': tokens}})\nreturn {{}}"),
        "in one message, at its end",
    ),
    (3, "a client per message"): (
        handler(
            f"{SEND}import os, boto3",
            f"{TOKENS}for at in range(0, len(tokens), 10):\n"
            '    made = boto3.client("apigatewaymanagementapi",'
            ' endpoint_url=os.environ["CALLBACK_URL"])\n'
            "    data = json.dumps({'to': asked['id'], 'tokens': tokens[at : at + 10]})\n"
            "    made.post_to_connection(ConnectionId=about, Data=data.encode())\n"
            "return {'statusCode': 200}",
        ),
        "a client was made for each message",
    ),
    (3, "a text for the tokens"): (
        handler(
            SEND,
            f"{TOKENS}send(about, {{'to': asked['id'], 'tokens': ''.join(tokens)}})\nreturn {{}}",
        ),
        '"tokens", a list',
    ),
    (3, "returned, not sent"): (
        handler(SEND, f"{TOKENS}return {{'statusCode': 200, 'body': ''.join(tokens)}}"),
        "What it returns goes to nobody",
    ),
    (3, "tokens sent twice"): (
        handler(
            SEND,
            f"{TOKENS}for at in range(0, 25, 5):\n"
            "    send(about, {'to': asked['id'], 'tokens': tokens[at : at + 10]})\nreturn {}",
        ),
        "each of them once",
    ),
    (3, "an empty message more"): (
        handler(
            SEND,
            f"{TOKENS}for at in range(0, 40, 10):\n"
            "    send(about, {'to': asked['id'], 'tokens': tokens[at : at + 10]})",
        ),
        "The messages held [10, 10, 5, 0]",
    ),
    (3, "a question a message"): (
        handler(
            SEND,
            f"{ASKED}for n in (10, 10, 5):\n"
            "    send(about, {'to': asked['id'], 'tokens': [*pieces('?', n)]})",
        ),
        "questions for",
    ),
    (3, "the message before the id"): (
        handler(SEND, f"{TOKENS}send({{'to': asked['id'], 'tokens': tokens}}, about)"),
        "takes the connection's id, and then the message",
    ),
    (3, "a text for a dict"): (handler(SEND, "event['body']['id']"), "makes a dict of it"),
    (3, "a list of messages"): (
        handler(SEND, f"{TOKENS}send(about, [{{'to': asked['id'], 'tokens': tokens[:10]}}])"),
        'a dict with "to"',
    ),
    (3, "ten tokens as one text"): (
        handler(
            SEND,
            f"{TOKENS}for at in range(0, 25, 10):\n"
            "    ten = [''.join(tokens[at : at + 10])]\n"
            "    send(about, {'to': asked['id'], 'tokens': ten})",
        ),
        "each of them stands alone",
    ),
    (4, "a list in the gather"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    return await asyncio.gather([complete_async(PROMPT, n) for n in lengths])"
            f"\n{GATHER}",
        ),
        "a star before it",
    ),
    (4, "counted, not asked"): (
        handler(SEVERAL, 'return {"output_tokens": event["lengths"]}'),
        "asked for no answer",
    ),
    (4, "counted after the wait"): (
        handler(
            SEVERAL, 'asyncio.run(asyncio.sleep(0.8))\nreturn {"output_tokens": event["lengths"]}'
        ),
        "asked for 0 tokens, and 75 were returned",
    ),
    (4, "a future that nobody awaits"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    return asyncio.gather(*(complete_async(PROMPT, n) for n in lengths))"
            f"\n{GATHER}",
        ),
        "not awaited",
    ),
    (4, "texts and counts"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    return await asyncio.gather(*(complete_async(PROMPT, n) for n in lengths))\n"
            'return {"output_tokens": asyncio.run(every(event["lengths"]))}',
        ),
        "the counts of the tokens alone",
    ),
    (4, "a gather that is a loop"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    return [await complete_async(PROMPT, n) for n in lengths]"
            f"\n{GATHER}",
        ),
        "the sum of the three waits",
    ),
    (4, "a blocking client in a gather"): (
        handler(
            SEVERAL,
            "async def one(n):\n    return complete(PROMPT, n)\n"
            "async def every(lengths):\n    return await asyncio.gather(*map(one, lengths))"
            f"\n{GATHER}",
        ),
        "a call that blocks held the loop",
    ),
    (4, "tasks that nobody awaits"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    tasks = [asyncio.create_task(complete_async(PROMPT, n)) for n in lengths]\n"
            "    await asyncio.sleep(0)\n"
            "    return [task.result() for task in tasks if task.done()]"
            f"\n{GATHER}",
        ),
        "nobody waited",
    ),
    (4, "in the order of arrival"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    waits = [complete_async(PROMPT, n) for n in lengths]\n"
            "    return [await one for one in asyncio.as_completed(waits)]"
            f"\n{GATHER}",
        ),
        "in the order in which they came",
    ),
    (5, "asked in the foreground"): (
        handler(CALL, f'{BODY}{HOOK}return {{"id": call("/responses", body)["id"]}}'),
        "while it waited",
    ),
    (5, "polled until it is there"): (
        handler(
            CALL,
            f'{BODY}{HOOK}body["background"] = True\nmade = call("/responses", body)\n'
            'while call(f"/responses/{made[\'id\']}")["status"] != "completed":\n'
            '    time.sleep(0.05)\nreturn {"id": made["id"]}',
        ),
        "waited for the answer after all",
    ),
    (5, "no webhook"): (
        handler(CALL, f'{BODY}body["background"] = True\nreturn call("/responses", body)'),
        "Nobody will be woken",
    ),
    (5, "a field that the provider does not know"): (
        handler(
            CALL,
            f'{BODY}body |= {{"background": True, "webhook_url": event["webhook_url"]}}\n'
            'return {"id": call("/responses", body)["id"]}',
        ),
        "the provider answered 400",
    ),
    (5, "taken back"): (
        handler(
            CALL, f"{OWN}call(f'/responses/{{own}}/cancel', {{'no': 1}})\nreturn {{'id': own}}"
        ),
        "took its question back",
    ),
    (5, "asked twice"): (
        handler(CALL, f"{OWN}return {{'id': call('/responses', body)['id']}}"),
        "2 questions for 1 answers",
    ),
    (5, "an id from before"): (
        handler(
            CALL,
            f"{BODY}{HOOK}body['background'] = True\n"
            "KEPT[:] = KEPT or [call('/responses', body)['id']]\nreturn {'id': KEPT[0]}",
            "KEPT = []",
        ),
        "of a question from before",
    ),
    (5, "an id of nothing"): (handler(CALL, 'return {"id": "resp_123"}'), "knows no response"),
    (6, "seconds"): (logs("spent"), "are they seconds"),
    (6, "nanoseconds"): (logs("1e9 * spent"), "no process has so much"),
    (6, "the beginning less the end"): (logs("-1000 * spent"), "take the end less the beginning"),
    (6, "the clock for the CPU"): (logs("wall"), "that is the clock"),
    (6, "the CPU since the start"): (
        logs("1000 * time.process_time()", "sum(range(3_000_000))\n"),
        "the rest is from before it",
    ),
    (6, "the meter on the client"): (
        handler(
            f"{COMPLETE}\ncomplete = metered(complete)",
            "return {'output_tokens': complete('?', 20)[1]}",
        ),
        "names no request",
    ),
    (6, "the meter on a part"): (
        handler(
            f"{COMPLETE}\n@metered\ndef prompt(event, context):\n    return event['question']",
            'asked = prompt(event, context)\nreturn {"output_tokens": complete(asked, 20)[1]}',
        ),
        "it is on a part of the work",
    ),
    (6, "brackets"): (handler(f"{COMPLETE}@metered()", "return 0"), "without brackets"),
    (6, "asked twice"): (
        handler(COMPLETE, "complete('?', 20)\nreturn {'output_tokens': complete('?', 20)[1]}"),
        "4 questions for 2 answers",
    ),
    (7, "a callback not awaited"): (
        handler(AGENT, f"{CALLBACK}{TICKET}{STEP}return {{}}", "@durable_execution"),
        "before the model had answered",
    ),
    (7, "asked outside of a step"): (
        handler(AGENT, f"{CALLBACK}{TICKET}ask(event, ticket)\n{RESULT}", "@durable_execution"),
        "outside of a step",
    ),
    (7, "no decorator"): (
        handler(AGENT, f"{CALLBACK}{TICKET}{STEP}{RESULT}"),
        "create_callback",
    ),
    (7, "asleep before it has asked"): (
        handler(AGENT, f"{CALLBACK}model.result()\n{TICKET}{STEP}{RESULT}", "@durable_execution"),
        "sleeps before it has asked",
    ),
    (7, "two tickets"): (
        handler(
            AGENT,
            f"{CALLBACK}{TICKET}{STEP}model = context.create_callback(name='other')\n{RESULT}",
            "@durable_execution",
        ),
        "It made two tickets",
    ),
    (7, "the number alone"): (
        handler(
            AGENT,
            f"{CALLBACK}{TICKET}{STEP}return json.loads(model.result())['tokens']",
            "@durable_execution",
        ),
        'a dict with "tokens"',
    ),
    (7, "awake while it waits"): (
        handler(
            AGENT,
            f"{CALLBACK}{TICKET}{STEP}context.step(lambda _: time.sleep(0.8), name='wait')\n"
            f"{RESULT}",
            "@durable_execution",
        ),
        "it was awake",
    ),
    (7, "the wait in the step"): (
        handler(
            AGENT,
            f"{CALLBACK}{TICKET}def work(_):\n    ask(event, ticket)\n"
            "    return json.loads(model.result())['tokens']\n"
            "return {'tokens': context.step(work)}",
            "@durable_execution",
        ),
        "is done again until the step has ended",
    ),
    (7, "a step of no function"): (
        handler(AGENT, f"{CALLBACK}{TICKET}context.step(ask(event, ticket))\n{RESULT}", DURABLE),
        "A step takes one",
    ),
    (7, "a step that takes nothing"): (
        handler(AGENT, f"{CALLBACK}{TICKET}{STEP.replace('_', '')}{RESULT}", DURABLE),
        "A step's takes one",
    ),
    (7, "the ticket itself"): (
        handler(AGENT, f"{CALLBACK}ticket = {{'callback': model}}\n{STEP}{RESULT}", DURABLE),
        "`callback_id`",
    ),
    (7, "no ticket"): (
        handler(AGENT, f"{CALLBACK}ticket = {{}}\n{STEP}{RESULT}", "@durable_execution"),
        "nobody wakes it",
    ),
}
