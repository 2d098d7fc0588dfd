from musify.testing import MoodAggregatorContract

KIND = "mood_aggregator"
OPTIONS = {"majority": {}, "scenes": {"min_duration": 4.0}}


class TestMoodAggregators(MoodAggregatorContract):
    """Every built-in aggregator keeps every rule."""
