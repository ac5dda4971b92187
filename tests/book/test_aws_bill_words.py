"""What the page about AWS says in words, where no computed figure stands beside it, still holds."""

from __future__ import annotations

from serverless_tax import Workload, batching, bill, break_even, compare, history, ladder
from serverless_tax.bill.design import of_aws
from serverless_tax.platforms import platforms

ARTICLE = Workload.preset("article")


def test_messages_of_one_token_cost_more_than_the_waiting() -> None:
    """And more than the function that sends them."""
    month = bill("aws-lambda", ARTICLE)
    assert batching(ARTICLE)[0].front_door_usd > month.total > month.waiting


def test_with_few_requests_lambda_is_cheaper_and_with_many_the_container() -> None:
    """One crossing, and the right memory moves it up."""
    tuned = next(rung for rung in ladder(ARTICLE) if rung.id == "memory").workload
    crossings = [break_even("aws-lambda", "aws-fargate", w).crossings for w in (ARTICLE, tuned)]
    assert [len(each) for each in crossings] == [1, 1]
    assert crossings[0][0].cheaper_below == "aws-lambda"
    assert crossings[1][0].at > crossings[0][0].at


def test_a_longer_wait_rules_something_out() -> None:
    """At forty seconds, the HTTP API; the article's own request has no obstacle anywhere."""
    assert not any(month.obstacles for month in compare(ARTICLE))
    slow = compare(ARTICLE.replace(streaming_ms="40s"))
    assert [month.title for month in slow if month.obstacles] == ["aws-lambda+aws-http-api"]


def test_a_function_that_waits_hardly_noticed_that_init_is_billed() -> None:
    """Less than a hundredth more, with one cold start in a hundred."""
    before, after = history("aws-lambda", ARTICLE.replace(init_ms="2s", cold_start_share=0.01))
    assert 1 < after.total / before.total < 1.01


def test_what_serves_is_what_the_first_paragraph_counts() -> None:
    """The page counts the platforms of AWS that serve a request: those it goes on to compare."""
    counted = {p.id for p in platforms().values() if p.serves and of_aws(p)}
    assert counted == {month.platform for month in compare(ARTICLE)}
