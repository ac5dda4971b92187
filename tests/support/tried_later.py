"""Wrong handlers of labs four to seven, with a word of the hint that each gets."""

from __future__ import annotations

from handler_parts import (
    AGENT,
    BODY,
    CALL,
    CALLBACK,
    COMPLETE,
    DURABLE,
    GATHER,
    HOOK,
    ID,
    OWN,
    RESULT,
    SEVERAL,
    STEP,
    TICKET,
    handler,
    logs,
)

#: By lab and name, as in `tried_handlers`.
LATER: dict[tuple[int, str], tuple[str, str]] = {
    (4, "a gather outside of its loop"): (
        handler(
            SEVERAL,
            "asked = (complete_async(PROMPT, n) for n in event['lengths'])\n"
            "found = asyncio.run(asyncio.gather(*asked))\n"
            "return {'output_tokens': [n for _, n in found]}",
        ),
        "inside the `async def`",
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
    (4, "a generator in the gather"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    return await asyncio.gather(complete_async(PROMPT, n) for n in lengths)"
            f"\n{GATHER}",
        ),
        "a star before it",
    ),
    (4, "the longest for each, and cut"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    most = max(lengths)\n"
            "    await asyncio.gather(*(complete_async(PROMPT, most) for _ in lengths))\n"
            'asyncio.run(every(event["lengths"]))\nreturn {"output_tokens": event["lengths"]}',
        ),
        "Ask for no more",
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
    (4, "asked twice"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n    for _ in 1, 2:\n"
            "        found = await asyncio.gather(*(complete_async(PROMPT, n) for n in lengths))\n"
            f"    return found\n{GATHER}",
        ),
        "Ask once for each of them",
    ),
    (4, "a sleep in each"): (
        handler(
            f"{SEVERAL}import time",
            "async def one(n):\n    time.sleep(0.4)\n    return await complete_async(PROMPT, n)\n"
            "async def every(lengths):\n    return await asyncio.gather(*map(one, lengths))"
            f"\n{GATHER}",
        ),
        "a call that blocks held the loop",
    ),
    (4, "a gather that is a loop"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    return [await complete_async(PROMPT, n) for n in lengths]"
            f"\n{GATHER}",
        ),
        "was asked for when another had come",
    ),
    (4, "two at once, then the third"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    a, b, c = (complete_async(PROMPT, n) for n in lengths)\n"
            "    a, c = await asyncio.gather(a, c)\n    return a, await b, c"
            f"\n{GATHER}",
        ),
        "was asked for when another had come",
    ),
    (4, "two threads for three"): (
        handler(
            f"{SEVERAL}from concurrent.futures import ThreadPoolExecutor",
            "with ThreadPoolExecutor(2) as pool:\n"
            "    found = pool.map(lambda n: complete(PROMPT, n), event['lengths'])\n"
            "return {'output_tokens': [n for _, n in found]}",
        ),
        "was asked for when another had come",
    ),
    (4, "a gather of what blocks"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    return await asyncio.gather(*(complete(PROMPT, n) for n in lengths))"
            f"\n{GATHER}",
        ),
        "which `complete_async` gives",
    ),
    (4, "a gather without its await"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    found = asyncio.gather(*(complete_async(PROMPT, n) for n in lengths))\n"
            f"    return [one for one in found]\n{GATHER}",
        ),
        "nobody has awaited",
    ),
    (4, "a coroutine that nobody runs"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            "    return await asyncio.gather(*(complete_async(PROMPT, n) for n in lengths))\n"
            "return {'output_tokens': [n for _, n in every(event['lengths'])]}",
        ),
        "nobody has awaited",
    ),
    (4, "an await outside of its function"): (
        handler(SEVERAL, "return await complete_async(PROMPT, 1)"),
        "nobody has awaited",
    ),
    (4, "a loop in a loop"): (
        handler(
            SEVERAL,
            "async def every(lengths):\n"
            f"    return [asyncio.run(complete_async(PROMPT, n)) for n in lengths]\n{GATHER}",
        ),
        "outside of the `async def`",
    ),
    (4, "all lengths to one question"): (
        handler(SEVERAL, "asyncio.run(complete_async(PROMPT, event['lengths']))"),
        "The provider refused what it was asked: Invalid type",
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
        "The provider refused what it was asked: Unknown parameter",
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
    (5, "another question"): (
        handler(CALL, f"{BODY}{HOOK}body |= {{'background': True, 'input': 'question'}}\n{ID}"),
        'Hand over the whole of `event["question"]`',
    ),
    (5, "a stream"): (
        handler(CALL, f"{BODY}{HOOK}body |= {{'background': True, 'stream': True}}\n{ID}"),
        "asked for with `stream` comes as lines",
    ),
    (5, "the body before the path"): (
        handler(CALL, f"{BODY}call(body, '/responses')"),
        "takes the path first",
    ),
    (5, "an id of nothing"): (handler(CALL, 'return {"id": "resp_123"}'), "knows no response"),
    (6, "a text for the number"): (logs("'5.0'", question="event['question']"), "is a text"),
    (6, "seconds"): (logs("spent"), "are they seconds"),
    (6, "nanoseconds"): (logs("1e9 * spent"), "no process has so much"),
    (6, "the beginning less the end"): (logs("-1000 * spent"), "take the end less the beginning"),
    (6, "the clock for the CPU"): (logs("wall"), "that is the clock"),
    (6, "the CPU since the start"): (
        logs("1000 * time.process_time()", "sum(range(3_000_000))\n"),
        "the rest is from before it",
    ),
    (6, "a constant"): (logs("12.0", question="event['question']"), "the figure is no reading"),
    (6, "a share of the clock"): (
        logs("wall / 100", question="event['question']"),
        "the figure is no reading",
    ),
    (6, "another question"): (
        handler(f"{COMPLETE}@metered", "return {'output_tokens': complete('?', 20)[1]}"),
        'Hand over the whole of `event["question"]`',
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
    (6, "a line beside the meter's"): (
        logs("1000 * spent", question="event['question']").replace(
            "def handler", "@metered\ndef handler"
        ),
        "of the meter's lines for one invocation",
    ),
    (6, "brackets"): (handler(f"{COMPLETE}@metered()", "return 0"), "without brackets"),
    (6, "read after the work"): (
        logs("1000 * (time.process_time() - time.process_time())"),
        "was it read after the work",
    ),
    (6, "the handler called"): (
        f"{handler(COMPLETE, 'return {}')}handler = metered(handler())\n",
        "Hand it over by its name",
    ),
    (6, "brackets with a name"): (
        handler(f"{COMPLETE}@metered('handler')", "return 0"),
        "decorates with what is none",
    ),
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
    (7, "the ticket before the event"): (
        handler(
            AGENT,
            f"{CALLBACK}{TICKET}context.step(lambda _: ask(ticket, event))\n{RESULT}",
            "@durable_execution",
        ),
        "`ask` takes the event first",
    ),
    (7, "a step of `ask` itself"): (
        handler(AGENT, f"{CALLBACK}{TICKET}context.step(ask)\n{RESULT}", "@durable_execution"),
        "with a context of its own",
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
    (7, "a part that is not there"): (
        handler(
            AGENT,
            f"{CALLBACK}{TICKET}{STEP}return {{'tokens': json.loads(model.result())['words']}}",
            DURABLE,
        ),
        "from a dict that has no such part",
    ),
    (7, "a number of its own"): (
        handler(AGENT, f"{CALLBACK}{TICKET}{STEP}model.result()\nreturn {{'tokens': 5}}", DURABLE),
        "return the number that `result()` brings",
    ),
    (7, "a constant that is the model's"): (
        handler(AGENT, f"{CALLBACK}{TICKET}{STEP}model.result()\nreturn {{'tokens': 40}}", DURABLE),
        "It returned 40 tokens, and the model wrote 16",
    ),
    (7, "a step with its arguments beside it"): (
        handler(AGENT, f"{CALLBACK}{TICKET}context.step(ask, event, ticket)\n{RESULT}", DURABLE),
        "A step gets one function",
    ),
    (7, "another question"): (
        handler(
            AGENT,
            f"{CALLBACK}{TICKET}event['question'] = 'Why?'\n{STEP}{RESULT}",
            DURABLE,
        ),
        'Hand over the whole of `event["question"]`',
    ),
    (7, "a text for a dict"): (
        handler(
            AGENT, f"{CALLBACK}{TICKET}{STEP}return {{'tokens': model.result()['tokens']}}", DURABLE
        ),
        "`result()` brings a text",
    ),
    (7, "a function for its value"): (
        handler(AGENT, f"{CALLBACK}{TICKET}{STEP}return json.loads(model.result)", DURABLE),
        "call it, with brackets",
    ),
    (7, "another name each time"): (
        handler(
            f"{AGENT}import random",
            f"model = context.create_callback(name=str(random.random()))\n{TICKET}{STEP}{RESULT}",
            DURABLE,
        ),
        "belongs into a step",
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
