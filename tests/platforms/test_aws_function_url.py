"""A function URL is a front door without a price: the function behind it is what is billed."""

from __future__ import annotations

from workloads import DAY

from serverless_tax import Workload, bill, platforms


def test_a_function_url_adds_no_line() -> None:
    """A month behind a function URL is the function's bill, to the last bit."""
    w = Workload.preset("article")
    alone, behind = bill("aws-lambda", w, on=DAY), bill("aws-lambda+aws-function-url", w, on=DAY)
    assert behind.items == alone.items
    assert behind.path == ("aws-function-url",)
    assert bill("aws-function-url", w, on=DAY).items == ()


def test_it_is_the_way_to_a_function_unless_another_is_named() -> None:
    """A function needs a front door, and this one is free; an API in front takes its place."""
    assert platforms()["aws-lambda"].path == ("aws-function-url",)
    w = Workload.preset("article")
    assert bill("aws-lambda", w, on=DAY, path="needed").path == ("aws-function-url",)
    http = bill("aws-lambda+aws-http-api", w, on=DAY, path="needed")
    assert http.path == ("aws-http-api",)
