"""The same examples each time, without a clock: other work on the machine fails no test."""

from hypothesis import settings

settings.register_profile(
    "musify", deadline=None, derandomize=True, database=None, max_examples=60, print_blob=True
)
settings.load_profile("musify")
