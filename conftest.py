"""How hard hypothesis tries: for the tests and, where they alone are chosen, for the doctests."""

from hypothesis import Phase, settings
from sampled import QUICK_EXAMPLES

# No deadline: a shared machine's pause says nothing about our code.
settings.register_profile("quick", max_examples=QUICK_EXAMPLES, deadline=None)
# For `make mutants`: the same examples each time, so that a change is what made the difference. The
# first that fails is enough: to look for a shorter one takes minutes.
settings.register_profile(
    "steady",
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.register_profile("thorough", max_examples=10_000, deadline=None)
settings.load_profile("quick")
