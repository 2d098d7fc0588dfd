"""How good scenes are on films whose moods are known: see tools/simulate_scenes.py."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from musify.backends.scenes_aggregator import ScenesAggregator

FILE = Path(__file__).parents[2] / "tools" / "simulate_scenes.py"


@pytest.fixture(scope="module")
def simulate():
    spec = importlib.util.spec_from_file_location("simulate_scenes", FILE)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "simulate_scenes", module)  # dataclasses look there
        spec.loader.exec_module(module)
        yield module


@pytest.fixture(scope="module")
def films(simulate):
    rng = np.random.default_rng(440)
    pictures = {share: simulate.pictures_seen_right(share) for share in (0.6, 0.9)}
    return {
        share: [
            simulate.make_film(rng, pictures[share], kind, 2.5)
            for kind in ("many", "short")
            for _ in range(12)
        ]
        for share in pictures
    }


def grades(simulate, films, *, cuts):
    return [
        simulate.grade(
            film,
            ScenesAggregator().aggregate(
                film.scores, film.shots if cuts else None, duration=float(film.edges[-1])
            ),
        )
        for film in films
    ]


@pytest.mark.parametrize(("cuts", "least"), [(True, 0.75), (False, 0.68)])
def test_scenes_are_right_more_often_than_frames(simulate, films, cuts, least):
    frames = np.mean([simulate.frames_right(film) for film in films[0.6]])
    assert 0.5 < frames < 0.65
    right = np.concatenate([one.right for one in grades(simulate, films[0.6], cuts=cuts)])
    assert right.mean() >= least


def test_where_most_frames_are_right_changes_are_found_within_two_seconds(simulate, films):
    marks = grades(simulate, films[0.9], cuts=True)
    assert np.concatenate([one.right for one in marks]).mean() >= 0.95
    # One picture in seven is misjudged, and may stand right at a change.
    assert (np.concatenate([one.missed_by for one in marks]) <= 2).mean() >= 0.75
    assert (np.concatenate([one.false_by for one in marks]) <= 2).mean() >= 0.75


@pytest.mark.parametrize("cuts", [True, False])
def test_confidence_is_how_often_it_is_right(simulate, films, cuts):
    marks = grades(simulate, [*films[0.6], *films[0.9]], cuts=cuts)
    sure = np.concatenate([one.confidence for one in marks])
    right = np.concatenate([one.right for one in marks])
    # Too modest where frames are nearly always right; it cannot know how good a classifier is.
    for low, high in ((0.4, 0.6), (0.6, 0.8), (0.8, 1.01)):
        here = (sure >= low) & (sure < high)
        assert here.mean() > 0.03
        assert -0.1 < right[here].mean() - sure[here].mean() < 0.3
