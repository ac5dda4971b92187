"""What every test shares: how hard hypothesis tries."""

from hypothesis import settings

# A program for a fuzzer that is in no list of packages.
collect_ignore = ["audit/fuzz_lines.py"]

# No deadline: a shared machine's pause says nothing about our code.
settings.register_profile("quick", max_examples=100, deadline=None)
settings.register_profile("thorough", max_examples=10_000, deadline=None)
settings.load_profile("quick")
