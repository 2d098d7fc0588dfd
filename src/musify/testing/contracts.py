"""The rules of each interface as pytest classes to subclass.

A subclass has a fixture ``backend`` that gives what is judged::

    class TestHue(MoodClassifierContract):
        @pytest.fixture
        def backend(self):
            return HueClassifier()

Each rule is a test of its own, called after the rule. ``exceptions`` names rules that the backend
may break, each with the reason; a rule that is kept although it is excepted fails.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from musify.testing.checks import RULES, check_made
from musify.testing.rules import Bench, ContractError, Rule, check_exceptions

__all__ = [
    "AudioMuxerContract",
    "FrameSamplerContract",
    "MoodAggregatorContract",
    "MoodClassifierContract",
    "SongLibraryContract",
    "TrackSelectorContract",
]


class _Contract:
    kind: ClassVar[str]
    exceptions: ClassVar[Mapping[str, str]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "rule" not in metafunc.fixturenames:
            return
        rules = RULES[self.kind]
        check_exceptions(rules, self.exceptions)
        cases = []
        for name, one in rules.items():
            marks: list[pytest.MarkDecorator] = []
            if name in self.exceptions:
                reason = self.exceptions[name]
                # Strict: an exception that is not needed any more is a failure.
                marks = [pytest.mark.xfail(reason=reason, raises=ContractError, strict=True)]
            cases.append(pytest.param(one, marks=marks, id=name))
        metafunc.parametrize("rule", cases)

    def test_rule(self, rule: Rule, backend: Any, tmp_path: Path) -> None:
        """Hold one rule against the backend."""
        __tracebackhide__ = True  # the message names the place; how rules are held helps nobody
        check_made(self.kind, backend)
        folder = tmp_path / "musify-contract"  # what made the backend may lie beside it
        folder.mkdir()
        try:
            rule.hold(backend, Bench(folder))
        except ContractError as error:
            raise error.with_traceback(None) from None


class FrameSamplerContract(_Contract):
    """The rules of :class:`musify.FrameSampler`; needs psutil."""

    kind = "frame_sampler"


class MoodClassifierContract(_Contract):
    """The rules of :class:`musify.MoodClassifier`."""

    kind = "mood_classifier"


class MoodAggregatorContract(_Contract):
    """The rules of :class:`musify.MoodAggregator`."""

    kind = "mood_aggregator"


class TrackSelectorContract(_Contract):
    """The rules of :class:`musify.TrackSelector`."""

    kind = "track_selector"


class SongLibraryContract(_Contract):
    """The rules of :class:`musify.SongLibrary`."""

    kind = "song_library"


class AudioMuxerContract(_Contract):
    """The rules of :class:`musify.AudioMuxer`."""

    kind = "audio_muxer"
