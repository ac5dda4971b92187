"""A workload holds checked quantities, keeps its measurements, and compares by value."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from workloads import workloads

from serverless_tax import InvalidQuantity, Step, Workload
from serverless_tax.request.workload import QUANTITIES


def workload(**changes: Any) -> Workload:
    """Return a small workload with the values given."""
    return Workload(**({"requests_per_month": 1000, "memory_mb": 1024} | changes))


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (True, "is True, a yes or no; expected a number of at least 0."),
        (np.True_, "is True, a yes or no; expected a number of at least 0."),
        ([True, False], "is [True, False]; expected a number of at least 0, or an array"),
        (float("nan"), "is nan; expected a finite number of at least 0."),
        ([1.0, float("nan")], "is nan; expected a finite number of at least 0."),
        (float("inf"), "is inf; expected a finite number of at least 0."),
        (10**400, "is inf; expected a finite number of at least 0."),
        ("1e400", "is inf; expected a finite number of at least 0."),
        (-1, "is -1; expected a finite number of at least 0."),
        ([3, -0.5], "is -0.5; expected a finite number of at least 0."),
        ("-5", "is -5; expected a finite number of at least 0."),
        (1j, "is 1j; expected a number of at least 0, or an array of them."),
        (None, "is None; expected a number of at least 0, or an array of them."),
        (object, "is <class 'object'>; expected a number of at least 0, or an array"),
        (["1s", "2s"], "is ['1s', '2s']; expected a number of at least 0, or an array"),
        ([[1], [1, 2]], "is [[1], [1, 2]]; expected a number of at least 0, or an array"),
        ([[1.0, 2.0]], "has the shape (1, 2); expected one number or a flat array of them."),
        ([], "has the shape (0,); expected one number or a flat array of them."),
        ("soon", "is 'soon', which is not a"),
    ],
)
@pytest.mark.parametrize(
    "field", ["requests_per_month", "wait_ms", "ephemeral_storage_mb", "minimum_instances"]
)
def test_what_is_not_a_quantity_is_refused_at_the_door(
    field: str, value: Any, complaint: str
) -> None:
    """One sentence names the field, the value and the bound, with no other error behind it."""
    with pytest.raises(InvalidQuantity) as caught:
        workload(**{field: value})
    message = str(caught.value)
    assert message.startswith(f"{field} {complaint}")
    assert message.endswith(".")
    assert "\n" not in message
    assert isinstance(caught.value, ValueError)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("field", QUANTITIES)
def test_every_quantity_is_checked(field: str) -> None:
    """No numeric field lets a negative number through."""
    with pytest.raises(InvalidQuantity, match=rf"^{field} is -1;"):
        workload(**{field: -1})


@pytest.mark.parametrize(
    "value",
    [
        4855,
        4855.0,
        "4.855s",
        "4855ms",
        "4855",
        Decimal("4855.0"),
        Fraction(9710, 2),
        np.float32(4855),
        np.int16(4855),
        np.array(4855),
    ],
    ids=repr,
)
def test_a_length_may_be_given_in_many_ways(value: Any) -> None:
    """All of them are the same float."""
    wait_ms = workload(wait_ms=value).wait_ms
    assert type(wait_ms) is float
    assert wait_ms == 4855.0


def test_an_integer_may_be_longer_than_the_processor_s() -> None:
    """A count beyond 64 bits is a number like any other."""
    assert workload(requests_per_month=10**30).requests_per_month == 1e30


def test_a_minus_zero_loses_its_sign() -> None:
    """It would show its sign on a bill otherwise."""
    assert str(workload(wait_ms=-0.0).wait_ms) == "0.0"


def test_text_is_read_in_the_unit_of_its_field() -> None:
    """A field of time takes seconds, a field of memory gigabytes, a count no unit."""
    w = workload(
        memory_mb="1 GB",
        init_ms="1.2s",
        cpu_ms_per_output_token="290us",  # noqa: S106 - a token of text, not a secret
        output_tokens="1,000",
    )
    assert (w.memory_mb, w.init_ms) == (1024, 1200)
    assert (w.cpu_ms_per_output_token, w.output_tokens) == (0.29, 1000)
    with pytest.raises(InvalidQuantity, match=r"^output_tokens is '5s'"):
        workload(output_tokens="5s")
    with pytest.raises(InvalidQuantity, match=r"^memory_mb is '5s'"):
        workload(memory_mb="5s")


@pytest.mark.parametrize("share", [0, 1, [0.0, 1.0]])
def test_a_share_goes_from_0_to_1(share: Any) -> None:
    """Both ends are shares."""
    assert np.max(workload(cold_start_share=share).cold_start_share) <= 1


@pytest.mark.parametrize("share", [1.0000001, [0.5, 2]])
def test_a_share_above_1_is_refused(share: Any) -> None:
    """The message names the range."""
    with pytest.raises(InvalidQuantity, match=r"^cold_start_share is .*from 0 to 1\.$"):
        workload(cold_start_share=share)


@pytest.mark.parametrize("field", ["memory_mb", "measured_at_mb"])
def test_no_memory_at_all_is_refused(field: str) -> None:
    """Memory divides, so nothing is priced at 0 MB."""
    with pytest.raises(InvalidQuantity, match=rf"^{field} is 0; expected at least 1"):
        workload(**{field: 0})


@pytest.mark.parametrize("architecture", ["arm", "ARM64", None, ["arm64"], np.array(["arm64"])])
def test_an_architecture_is_one_of_two(architecture: Any) -> None:
    """The message lists them."""
    with pytest.raises(InvalidQuantity, match=r"^architecture is .*; use one of x86_64, arm64\.$"):
        workload(architecture=architecture)


def test_arrays_of_different_lengths_are_refused() -> None:
    """The message gives the lengths and the ways out."""
    with pytest.raises(InvalidQuantity, match=r"have 2, 3 elements; give each the same number"):
        workload(wait_ms=[1, 2], cpu_ms=[1, 2, 3])


def test_a_workload_knows_the_largest_of_each() -> None:
    """So that ten million requests need not be looked at for a limit."""
    w = workload(wait_ms=[7, 1_000_000, 3], memory_mb=[128, 512, 256])
    assert (w.largest["wait_ms"], w.largest["memory_mb"], w.largest["cpu_ms"]) == (1e6, 512, 0)


def test_one_element_stands_for_all() -> None:
    """An array of one goes with arrays of any length, as a plain number does."""
    assert workload(wait_ms=[1, 2, 3], cpu_ms=[5]).sample_size == 3
    assert workload(wait_ms=[1]).sample_size == 1
    assert workload().sample_size == 1


def test_streaming_asks_what_a_token_costs() -> None:
    """The CPU of passing tokens on is never left out in silence."""
    with pytest.raises(InvalidQuantity, match=r"^cpu_ms_per_output_token is missing; a streaming"):
        workload(streaming_ms=4800)
    with pytest.raises(InvalidQuantity, match=r"^cpu_ms_per_output_token is missing"):
        workload(streaming_ms=[0, 1])
    assert workload(streaming_ms=0).cpu_ms_per_output_token == 0


def test_streaming_asks_how_many_tokens() -> None:
    """A cost for each token needs their number; at no cost it does not matter."""
    with pytest.raises(InvalidQuantity, match=r"^output_tokens is missing"):
        workload(streaming_ms=4800, cpu_ms_per_output_token=0.29)
    assert workload(streaming_ms=4800, cpu_ms_per_output_token=0).output_tokens == 0
    given_none = workload(streaming_ms=4800, cpu_ms_per_output_token=0.29, output_tokens=0)
    assert given_none.output_tokens == 0


def test_streaming_added_later_asks_too() -> None:
    """A zero that stood there because nothing streamed is not an answer."""
    with pytest.raises(InvalidQuantity, match=r"^cpu_ms_per_output_token is missing"):
        workload(wait_ms=5).replace(streaming_ms=4800)
    later = workload(output_tokens=500, cpu_ms_per_output_token=0.2).replace(streaming_ms=4800)
    assert (later.output_tokens, later.cpu_ms_per_output_token) == (500, 0.2)


def test_steps_add_up_by_kind() -> None:
    """CPU, waits and streaming are summed apart, whether given as steps or as tuples."""
    w = Workload.from_steps(
        [Step("cpu", 2, "receive"), ("wait", "50ms", "retrieve"), ("cpu", 3), ("streaming", 4800)],
        requests_per_month=1,
        memory_mb=1024,
        cpu_ms_per_output_token=0,
    )
    assert (w.cpu_ms, w.wait_ms, w.streaming_ms) == (5, 50, 4800)
    assert [step.name for step in w.steps] == ["receive", "retrieve", "", ""]


def test_a_step_is_checked_like_a_workload() -> None:
    """Its kind is one of three and its length a quantity."""
    with pytest.raises(InvalidQuantity, match=r"'sleep'; use one of cpu, wait, streaming\.$"):
        Step("sleep", 2)
    with pytest.raises(InvalidQuantity, match=r"^ms of a step is -2; expected a finite number"):
        Step("cpu", -2)
    assert Step("wait", "2s").ms == 2000


def test_steps_that_do_not_add_up_are_refused() -> None:
    """A timeline beside other lengths would be drawn but not billed."""
    with pytest.raises(InvalidQuantity, match=r"^steps do not add up .*Workload\.from_steps\.$"):
        workload(steps=(Step("wait", 50),))
    assert workload(wait_ms=50, steps=[Step("wait", 50)]).steps == (Step("wait", 50),)


def test_what_the_clock_said_becomes_cpu_time_at_the_door() -> None:
    """Ten seconds on half a vCPU are five of CPU, whatever the memory then; 8 ms are themselves."""
    half = workload(cpu_ms="10s", cpu_ms_per_output_token=0.2, measured_at_mb="884.5 MB")
    assert half.cpu_ms == half.largest["cpu_ms"] == pytest.approx(5000, rel=2e-3)
    assert half.cpu_ms_per_output_token == 0.2
    assert half.replace(memory_mb="128 MB").cpu_ms == half.cpu_ms
    assert workload(cpu_ms=8, measured_at_mb=884.5).cpu_ms == 8
    assert workload(cpu_ms=[8, 10_000], measured_at_mb=[884.5, 1769]).cpu_ms.tolist() == [8, 10_000]


def test_each_step_that_the_clock_timed_is_a_burst_of_its_own() -> None:
    """Two of 8 ms are 16 ms of CPU, and not what one of 16 ms by the clock is."""
    steps = [("cpu", 8), ("wait", 50), ("cpu", 8)]
    w = Workload.from_steps(steps, requests_per_month=1, memory_mb=1024, measured_at_mb=884.5)
    assert (w.cpu_ms, w.wait_ms) == (16, 50)
    assert workload(cpu_ms=16, measured_at_mb=884.5).cpu_ms < 16


def test_a_place_of_timing_without_anything_timed_is_refused() -> None:
    """CPU that is there is CPU time already; doing it twice would shrink it."""
    w = workload(cpu_ms=10)
    with pytest.raises(InvalidQuantity, match=r"^measured_at_mb says where CPU was timed .*cpu_ms"):
        w.replace(measured_at_mb=512)
    assert w.replace(measured_at_mb=512, cpu_ms=3).cpu_ms == 3


def test_replacing_a_length_drops_the_timeline() -> None:
    """The steps would no longer add up to it; other changes keep them."""
    article = Workload.preset("article")
    assert article.replace(wait_ms="1s").steps == ()
    assert article.replace(memory_mb=128).steps == article.steps


@given(workloads())
def test_replacing_nothing_changes_nothing(w: Workload) -> None:
    """A workload made from its own values is equal to it, and hashes alike."""
    assert w.replace() == w
    assert hash(w.replace()) == hash(w)


def test_workloads_compare_by_value() -> None:
    """Two are equal when every value is, arrays included."""
    assert Workload.preset("article") == Workload.preset("article")
    assert Workload.preset("article") != Workload.preset("article-printed")
    assert workload(wait_ms=[1, 2]) == workload(wait_ms=np.array([1.0, 2.0]))
    assert workload(wait_ms=[1, 2]) != workload(wait_ms=[1, 3])
    assert workload(wait_ms=[5]) != workload(wait_ms=5)
    assert workload() != "a workload"
    assert len({workload(), workload(), workload(wait_ms=[1, 2])}) == 2


def test_a_workload_cannot_be_written_to() -> None:
    """Neither a field nor an element of an array, which was checked once at the door."""
    w = workload(wait_ms=[1, 2])
    with pytest.raises(FrozenInstanceError):
        w.wait_ms = 5
    with pytest.raises(ValueError, match="read-only"):
        w.wait_ms[0] = -1


def test_the_caller_s_own_array_stays_writable() -> None:
    """What is frozen is the workload's view of it."""
    waits = np.array([1.0, 2.0])
    workload(wait_ms=waits)
    waits[0] = 3.0
    assert waits[0] == 3.0


def test_a_workload_shows_its_values() -> None:
    """The name of each quantity with its unit stands beside it."""
    text = repr(workload(wait_ms="2s"))
    assert text.startswith("Workload(requests_per_month=1000.0, memory_mb=1024.0, ")
    assert "wait_ms=2000.0" in text


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: workload(requests_per_month=1e308), "requests_per_month is 1e+308; expected at"),
        (lambda: workload(cold_start_share="5%"), "expected a share from 0 to 1, so write 0.05"),
        (lambda: Workload.from_steps("abc", requests_per_month=1, memory_mb=128), "steps is 'abc'"),
        (lambda: Workload.from_steps([7], requests_per_month=1, memory_mb=128), "A step is 7; "),
        (lambda: Workload.from_steps(7, requests_per_month=1, memory_mb=128), "steps is 7; "),
        (lambda: workload(wait_sm=5), "A workload has no 'wait_sm'; did you mean 'wait_ms'?"),
        (Workload, "lacks requests_per_month and memory_mb; give requests_per_mo"),
        (lambda: Workload(memory_mb=512), "A workload lacks requests_per_month; give"),
        (lambda: Workload("article"), "Workload is given 'article' without a name; name each"),
        (lambda: Workload.preset("article", colour=5), "A workload has no 'colour'; it has req"),
        (lambda: workload().replace(memory=5), "A workload has no 'memory'; did you mean"),
    ],
)
def test_a_slip_is_a_sentence(make: Any, says: str) -> None:
    """Naming what was written, and what was expected."""
    with pytest.raises(InvalidQuantity) as caught:
        make()
    assert says in str(caught.value)


def test_no_cpu_for_a_token_is_none() -> None:
    """What was said of a token is what is billed of it; what was measured, if nothing was."""
    streams = {"streaming_ms": 1000, "output_tokens": 100}
    assert workload(**streams, cpu_ms_per_output_token=0).metered_cpu_ms_per_token == 0
    own = workload(**streams, cpu_ms_per_output_token=0.5, measured_at_mb=884.5)
    assert own.metered_cpu_ms_per_token == own.cpu_ms_per_output_token == 0.5  # within its share
    assert workload(wait_ms=1000, output_tokens=100).metered_cpu_ms_per_token == 0.1907
    article = Workload.preset("article")
    assert article.metered_cpu_ms_per_token == 0.1907
    assert article.replace(wait_ms=70).metered_cpu_ms_per_token == 0.1907
    assert article.replace(cpu_ms_per_output_token=0).metered_cpu_ms_per_token == 0


def test_one_month_of_many_without_memory_is_refused() -> None:
    """A zero among others is not hidden by them."""
    with pytest.raises(InvalidQuantity, match="memory_mb is 0; expected at least 1"):
        workload(memory_mb=[1024, 0])


def test_a_stream_that_some_months_have_keeps_what_a_token_takes() -> None:
    """Tokens were asked for where any request streams: a longer stream does not bring them."""
    some = workload(streaming_ms=[0, 1000], output_tokens=0, cpu_ms_per_output_token=0)
    longer = some.replace(streaming_ms=[500, 2000])
    assert not np.any(longer.output_tokens)
