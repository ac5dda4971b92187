"""Lab three's exercises: how many tokens a message holds, and who pays for an unread answer."""

from __future__ import annotations

import math
from typing import Any

from serverless_tax.bill.bill import bill
from serverless_tax.book.teaching.checking import NotYet, judge, number
from serverless_tax.ground.show import show
from serverless_tax.questions.batching import batching
from serverless_tax.request.workload import Workload

_DELAY_MS = 200  # how late a message's first token may be


def largest_batch(tokens_per_message: Any, messages_usd: Any) -> None:
    """Lab 3: the largest batch whose first token waits no more than 200 ms for its last."""
    article = Workload.preset("article")
    rows = batching(article, range(1, 41))
    best = max(
        (r for r in rows if r.added_delay_ms <= _DELAY_MS), key=lambda r: r.tokens_per_message
    )
    most = best.tokens_per_message
    judge(
        tokens_per_message,
        what="the number of tokens in a message",
        right=most,
        unit="count",
        whole=True,
        looks_like={
            "The first token waits for those after it, not for itself: one more fits.": most - 1,
            "Its first token waits longer than 200 ms.": most + 1,
            "That would be one token each 200 ms. They come faster: see `batching`.": 1,
            "That is how many come in 200 ms at a hundred a second, and the article's model is a"
            " little faster.": 20,
            "That is all of an answer in one message.": article.output_tokens,
        },
        too_low="More fit: the first token waits for the others for less than 200 ms.",
        too_high="Its first token waits longer than 200 ms: see `added_delay_ms` of `batching`.",
    )
    judge(
        messages_usd,
        what="what the messages and minutes of ten million answers cost, in USD",
        right=best.front_door_usd,
        unit="usd",
        looks_like={
            "That is one token in each message.": rows[0].front_door_usd,
            "That is a batch of one token less.": rows[int(most) - 2].front_door_usd,
            "That is a batch of one token more.": rows[int(most)].front_door_usd,
            "That is with the function's own seconds. Only the messages and minutes are asked"
            " for.": best.front_door_usd + bill("aws-lambda", article).total,
            **{
                f"That is with {n} tokens in a message.": rows[n - 1].front_door_usd
                for n in range(2, len(rows) + 1)
                if abs(n - most) > 1
            },
        },
        too_low="The messages and the connection's minutes both cost: `front_door_usd` has them.",
        too_high="Is it the batch that you named? Larger ones need fewer messages.",
    )


def lost_at_the_provider(usd_per_million_output_tokens: Any, lost_usd: Any) -> None:
    """Lab 3: a thousand answers of 500 tokens that nobody reads, at a price of the learner's."""
    price_usd = number(usd_per_million_output_tokens, "your model's price of a million tokens")
    if not 0 < price_usd < math.inf:
        msg = f"A million tokens for {show(price_usd, 'usd')}: put in your model's price."
        raise NotYet(msg)
    right = 1_000 * 500 / 1e6 * price_usd
    judge(
        lost_usd,
        what="what the provider charges for them, in USD",
        right=right,
        unit="usd",
        looks_like={
            "Lambda's bill shows next to nothing. The provider wrote the tokens and charges"
            " them.": 0.0,
            "Each answer has 500 tokens.": right / 500,
            "The price is for a million tokens.": right * 1e6,
            "The price is for a million tokens, not for a thousand.": right * 1e3,
            "That is a thousand times the price: half a million tokens cost half of it.": (
                right * 2e3
            ),
            "There are a thousand answers.": right / 1000,
            "That is the price of a million tokens, and a thousand answers have half of that.": (
                price_usd
            ),
            "That is ten million answers. A thousand are asked for.": right * 1e4,
        },
        too_low="A thousand answers of 500 tokens, each charged in full.",
        too_high="A thousand answers of 500 tokens are half a million of them.",
    )
