"""Handlers as learners write them, wrong and right, and what each wrong one is told.

The solutions are the labs' own; the stubs too. Those of labs four to seven are in `tried_later`.
"""

from __future__ import annotations

from handler_parts import (
    ASKED,
    COMPLETE,
    IN_A_POOL,
    PIECES,
    POOL,
    SEND,
    TOKENS,
    handler,
    played_back,
)
from tried_later import LATER

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
    (1, "another question"): (
        handler(
            COMPLETE,
            'text, n = complete("question", event["max_tokens"])\n'
            'return {"answer": text, "output_tokens": n}',
        ),
        'Hand over the whole of `event["question"]`',
    ),
    (1, "a text of its own"): (
        handler(
            COMPLETE,
            '_, n = complete(event["question"], event["max_tokens"])\n'
            'return {"answer": event["question"], "output_tokens": n}',
        ),
        "return the model's text",
    ),
    (1, "twice as long, and cut"): (
        handler(
            COMPLETE,
            'n = event["max_tokens"]\ntext, _ = complete(event["question"], 2 * n)\n'
            'return {"answer": " ".join(text.split()[:n]), "output_tokens": n}',
        ),
        "Ask for no more",
    ),
    (1, "its text in capitals"): (
        handler(
            COMPLETE,
            'text, n = complete(event["question"], event["max_tokens"])\n'
            'return {"answer": text.upper(), "output_tokens": n}',
        ),
        "leave its text as it is",
    ),
    (1, "a set"): (handler(COMPLETE, 'return {*complete("?", 2)}'), "is nothing for JSON"),
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
    (2, "a line a piece"): (
        handler(PIECES, 'for one in pieces("?", event["max_tokens"]):\n    yield one + "\\n"'),
        "leave its text as it is",
    ),
    (2, "a mark at its end"): (
        handler(PIECES, 'yield from pieces("?", event["max_tokens"])\nyield "[DONE]"'),
        "leave its text as it is",
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
    (2, "ten at a time"): (
        handler(
            PIECES,
            'kept = ""\nfor n, one in enumerate(pieces("?", event["max_tokens"]), 1):\n'
            '    kept += one\n    if n % 10 == 0:\n        yield kept\n        kept = ""\n'
            "if kept:\n    yield kept",
        ),
        "its reader waits for each",
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
    (2, "the question and the length, swapped"): (
        handler(PIECES, 'yield from pieces(event["max_tokens"], "?")'),
        "The provider refused what it was asked",
    ),
    (2, "nothing"): (handler("", "yield from ()"), "No token was sent"),
    (2, "a list of pieces"): (
        handler(PIECES, 'yield list(pieces("?", event["max_tokens"]))'),
        "something else than text",
    ),
    (2, "pieces without their spaces"): (
        handler(PIECES, 'for piece in pieces("?", event["max_tokens"]):\n    yield piece.strip()'),
        "its words run together",
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
    (3, "a module's pool that nobody waits for"): (
        handler(POOL, f"{IN_A_POOL}POOL.submit(work)\nreturn {{'statusCode': 200}}"),
        "A thread is frozen with its environment",
    ),
    (3, "words without their spaces"): (
        handler(
            SEND,
            f"{TOKENS}for at in range(0, len(tokens), 10):\n"
            "    ten = [one.strip() for one in tokens[at : at + 10]]\n"
            "    send(about, {'to': asked['id'], 'tokens': ten})",
        ),
        "the space before its word",
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
    (3, "collected, then sent by tens"): (
        handler(
            SEND,
            f"{TOKENS}for at in range(0, len(tokens), 10):\n"
            "    send(about, {'to': asked['id'], 'tokens': tokens[at : at + 10]})",
        ),
        "the tokens were collected first",
    ),
    (3, "a length typed in"): (
        handler(
            SEND,
            f"{ASKED}tokens = pieces('?', 25)\nwhile ten := [*islice(tokens, 10)]:\n"
            "    send(about, {'to': asked['id'], 'tokens': ten})",
        ),
        "It sent 25 tokens, not the 40",
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
    (3, "numbers for tokens"): (
        handler(SEND, f"{TOKENS}send(about, {{'to': asked['id'], 'tokens': [*range(10)]}})"),
        "a list of texts",
    ),
    (3, "the question's id for the connection's"): (
        handler(SEND, f"{TOKENS}send(asked['id'], {{'to': asked['id'], 'tokens': tokens[:10]}})"),
        "There is no such connection",
    ),
    (3, "the same ten without end"): (
        handler(
            SEND,
            f"{TOKENS}while ten := [*islice(tokens, 10)]:\n"
            "    send(about, {'to': asked['id'], 'tokens': ten})",
        ),
        "From a list, `islice` takes the same ten each time",
    ),
    (3, "the event's part for the message's"): (
        handler(SEND, "send(event['connectionId'], {})"),
        'What is asked stands in `json.loads(event["body"])`',
    ),
    (3, "a generator"): (
        handler(SEND, f"{TOKENS}yield send(about, {{'to': asked['id'], 'tokens': tokens[:10]}})"),
        "none of its lines runs",
    ),
    (3, "an iterator for the list"): (
        handler(SEND, f"{TOKENS}send(about, {{'to': 'mine', 'tokens': islice(tokens, 10)}})"),
        "returns or sends is nothing for JSON",
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
    **LATER,
}
