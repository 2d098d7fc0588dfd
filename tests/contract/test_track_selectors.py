import contextlib

import pytest

from musify.testing import ContractError, TrackSelectorContract

KIND = "track_selector"


def tiny_model(request):
    for extra in ("torch", "transformers"):
        pytest.importorskip(extra)
    from stand_ins.tiny_musicgen import save_tiny_musicgen

    folder = request.getfixturevalue("tmp_path_factory").mktemp("model")
    return {"model": save_tiny_musicgen(folder), "most_seconds": 2, "window": 2, "overlap": 0.5}


OPTIONS = {
    "composer": {"seed": 5},
    "letter-code": {},
    "musicgen": tiny_model,
    "nearest": {"seed": 5},
}


class TestTrackSelectors(TrackSelectorContract):
    """Every built-in selector keeps every rule, but for one."""

    def test_rule(self, rule, backend, tmp_path):
        allowed = contextlib.nullcontext()
        if (rule.name, type(backend).__name__) == ("moods_may_have_any_name", "LetterCodeSelector"):
            # The two letters of 2016 stand for four moods, and say nothing of others.
            allowed = pytest.raises(ContractError, match="the letter code needs scores for action")
        with allowed:
            super().test_rule(rule, backend, tmp_path)
