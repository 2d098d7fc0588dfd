"""What motion, cuts and sound do to a whole analysis."""

from pathlib import Path

import numpy as np
import pytest

from musify import AudioDecodeError, BackendError, MoodSpace, Pipeline
from musify.backends.palette_classifier import PaletteClassifier

pytestmark = pytest.mark.media

# A bright still for twelve seconds, then a dark and busy picture; the cut lies between two samples.
CUT = 12.4
STILL = ("-f", "lavfi", "-i", f"color=0xffd040:s=160x90:r=25:d={CUT}")
BUSY = ("-f", "lavfi", "-i", "life=s=160x90:r=25:mold=3:life_color=0x702020:seed=1")


@pytest.fixture(scope="module")
def film(make_clip) -> Path:
    return make_clip(
        "look.mp4", *STILL, *BUSY,
        "-f", "lavfi", "-i", f"sine=330:d=26:r=48000,volume=-24dB:enable='lt(t,{CUT})'",
        "-filter_complex", "[0:v][1:v]concat=n=2:v=1,trim=duration=26,format=yuv420p",
        "-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-sc_threshold", "0", "-shortest",
    )  # fmt: skip


@pytest.fixture
def pipeline(tmp_path: Path):
    return lambda **options: Pipeline(mood_classifier="palette", library=tmp_path, **options)


@pytest.mark.parametrize("dynamics", ["fast", "exact"])
def test_the_mood_changes_on_the_cut(dynamics, film, pipeline):
    found = pipeline(dynamics=dynamics).analyze(film)
    assert np.abs(found.shots.cuts - CUT).min() <= 0.041
    assert found.timeline.edges[1:-1] == pytest.approx([CUT], abs=0.041)
    assert found.timeline.cuts.tolist() == found.shots.cuts.tolist()
    assert found.seconds["shots"] > 0


def test_without_dynamics_pictures_alone_count(film, pipeline):
    plain = pipeline(dynamics=None).analyze(film)
    assert plain.shots is None
    assert "shots" not in plain.seconds
    assert not plain.timeline.cuts.size
    assert {one.source for row in plain.scores.evidence for one in row} == set()


def test_motion_and_sound_are_told_as_reasons(film, pipeline):
    plain = pipeline(dynamics=None).analyze(film).scores
    found = pipeline(dynamics="exact").analyze(film).scores
    late = found.times > CUT + 4
    assert (found.plane[late, 1] > plain.plane[late, 1] + 0.05).all()
    assert np.array_equal(found.plane[:, 0], plain.plane[:, 0])
    told = {one.source for row in found.evidence for one in row}
    assert {"motion", "sound"} <= told


def test_a_still_film_is_not_said_to_move_or_to_be_calm(pipeline, make_clip):
    still = make_clip(
        "still.mp4", "-f", "lavfi", "-i", "mandelbrot=s=160x90:start_scale=0.4",
        "-vf", "trim=end_frame=1,loop=-1:1,fps=25", "-t", "20", "-c:v", "libx264", "-g", "50",
    )  # fmt: skip
    plain = pipeline(dynamics=None).analyze(still).scores.plane
    for dynamics in ("index", "fast", "exact"):
        found = pipeline(dynamics=dynamics).analyze(still)
        assert found.shots.activity.max() < 0.05
        assert found.shots.activity_is_guessed == (dynamics != "exact")
        assert found.scores.plane == pytest.approx(plain)


def test_a_classifier_must_know_where_its_moods_stand(film, tmp_path):
    class Lost(PaletteClassifier):
        @property
        def mood_space(self):
            return MoodSpace(["calm"])

    with pytest.raises(BackendError, match=r"has a mood_space of \('calm',\), but its labels are"):
        Pipeline(mood_classifier=Lost(), library=tmp_path).analyze(film)


def test_scores_move_as_the_classifier_scores(film, tmp_path):
    wide = PaletteClassifier(temperature=2.0)
    found = Pipeline(mood_classifier=wide, library=tmp_path).analyze(film).scores
    assert found.values == pytest.approx(wide.moods.score(found.plane, temperature=2.0))


def test_sound_that_cannot_be_decoded_is_left_out_and_told(film, pipeline, monkeypatch):
    def refuse(video):
        raise AudioDecodeError("none of the sound can be decoded")

    monkeypatch.setattr("musify._look.sound_levels", refuse)
    found = pipeline().analyze(film)
    assert found.warnings == (
        "how loud it is was left out of the mood: none of the sound can be decoded",
    )
    assert "sound" not in {one.source for row in found.scores.evidence for one in row}
