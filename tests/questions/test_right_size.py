"""The memory that a function is given: by what its peak says, and by what its ends do."""

from __future__ import annotations

import numpy as np
from workloads import DAY

from serverless_tax import Facts, Workload, advise


def test_a_peak_that_the_ends_of_requests_refute_is_said_to_be_doubted() -> None:
    """300 or 512 of 512 MB, and requests end for want of memory: 1,024 MB, and nothing fits yet."""
    w = Workload(requests_per_month=1e6, memory_mb=512, wait_ms=2000, peak_memory_mb=300)
    for peak_mb in (300, 512):
        seen = w.replace(peak_memory_mb=peak_mb)
        found = advise(Facts.stated(seen, out_of_memory=True), on=DAY)
        assert found.sentence.startswith(
            "Set memory to 1,024 MB: it has too little. $16.67 a month"
        )
        assert f"It needs more than the peak of {peak_mb} MB: " in "".join(found.assumed)
        assert "see whether requests still end there for want of memory" in str(found)
        assert "as stated" not in str(found)
        assert "fits" not in str(found)
    for believed in (w, w.replace(memory_mb=1024, peak_memory_mb=512)):
        told = str(advise(Facts.stated(believed), on=DAY))
        assert "It needs more" not in told
        assert "as stated; a fifth is kept over it" in told
    known = str(advise(Facts.stated(w.replace(peak_memory_mb=600), out_of_memory=True), on=DAY))
    assert known.startswith("Set memory to 720 MB: it has too little.")
    assert "1.2 times the peak of 600 MB fits" in known


def test_what_is_needed_is_twice_the_memory_wherever_the_cpu_is_cheapest() -> None:
    """A fifth of a second of CPU in 512 MB: on the CPU's staircase 1,041 MB cost 2 % less.

    That is less than the law of the CPU is off by, and twice the memory is a guess.
    """
    w = Workload(requests_per_month=1e6, memory_mb=512, wait_ms=100, cpu_ms=200)
    found = advise(Facts.stated(w, out_of_memory=True, own_process=False), on=DAY)
    assert found.sentence.startswith("Set memory to 1,024 MB: it has too little.")
    assert found.most.sum.endswith(" then; 2 h of work.")
    assert found.to_dict()["most"]["payback"] == "needed: it has too little"


def test_how_much_longer_an_answer_may_take_is_said_beside_a_size() -> None:
    """A quarter, unless another share is asked for; nothing where no size is recommended."""
    w = Workload(requests_per_month=1e7, memory_mb=1024, peak_memory_mb=300, wait_ms=5000)
    for slower, longer in ((1.25, "25 %"), (2.0, "100 %")):
        found = advise(Facts.stated(w), slower=slower, on=DAY)
        said = f"No size is taken at which an answer takes more than {longer} longer."
        assert said in found.assumed
    fits = advise(Facts.stated(w.replace(peak_memory_mb=1000)), on=DAY)
    assert not any("longer" in each for each in fits.assumed)


def test_a_sample_of_requests_gets_a_size_of_its_own_up_to_the_largest() -> None:
    """A peak of 4,000 MB needs 4,800, and one of 6,100 MB 7,320: each is taken, and no next one."""
    for peak_mb, taken_mb in ((4000, 4800), (6100, 7320)):
        w = Workload(
            requests_per_month=1e6,
            memory_mb=10_240,
            wait_ms=np.array([1000.0, 3000.0]),
            peak_memory_mb=peak_mb,
        )
        found = advise(Facts.stated(w, own_process=False, other_vendor=False), on=DAY)
        assert found.sentence.startswith(f"Set memory to {taken_mb:,} MB")
