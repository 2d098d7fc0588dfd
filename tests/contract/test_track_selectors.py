import pytest

from musify.testing import TrackSelectorContract

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
    """Every built-in selector keeps every rule."""
