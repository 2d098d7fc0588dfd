"""What motion, cuts and sound do to a whole analysis."""

from pathlib import Path

import numpy as np
import pytest

from musify import AudioDecodeError, Pipeline

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


def test_sound_that_cannot_be_decoded_is_left_out_and_told(film, pipeline, monkeypatch):
    def refuse(video):
        raise AudioDecodeError("none of the sound can be decoded")

    monkeypatch.setattr("musify._look.sound_levels", refuse)
    found = pipeline().analyze(film)
    assert found.warnings == (
        "how loud it is was left out of the mood: none of the sound can be decoded",
    )
    assert "sound" not in {one.source for row in found.scores.evidence for one in row}
