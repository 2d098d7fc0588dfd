"""The same film in other clothes has the same moods; odd films have one at all."""

from pathlib import Path

import numpy as np
import pytest

from musify import Pipeline
from musify.demo import make_demo_video
from thinned import thinned

pytestmark = pytest.mark.media

CUTS = (12, 24, 36)
LABELS = ("sad", "happy", "action", "calm")
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
CLOTHES = {
    "small": ("-vf", "scale=160:90", *X264),
    "wide-pixels": ("-vf", "scale=320:360,setsar=2", *X264),
    "hevc": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"),
    "vp9": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "600k"),
    "mpeg4": ("-c:v", "mpeg4", "-q:v", "6"),
    "slow": ("-r", "10", *X264, "-g", "50", "-sc_threshold", "0"),
    "fast": ("-r", "60", *X264),
    "regular": (*X264, "-g", "50", "-sc_threshold", "0"),
    "letterbox": ("-vf", "pad=640:480:0:60", *X264),
    "pillarbox": ("-vf", "pad=860:360:110:0", *X264),
    "turned": ("-vf", "transpose=1", *X264, "-metadata:s:v", "rotate=0"),
}
ENDINGS = {"vp9": "webm", "mpeg4": "avi"}


@pytest.fixture(scope="module")
def demo(media_dir) -> Path:
    return make_demo_video(media_dir / "demo.mp4", overwrite=True)


@pytest.fixture(scope="module")
def analyze(media_dir):
    return Pipeline(library=media_dir).analyze


@pytest.fixture(scope="module")
def plain(demo, analyze):
    return analyze(demo)


def test_the_demo_shows_four_moods_that_change_on_its_cuts(plain):
    assert plain.timeline.labels == LABELS
    assert plain.timeline.edges[1:-1] == pytest.approx(CUTS, abs=0.04)
    assert not plain.timeline.uncertain.any()


@pytest.mark.parametrize("name", thinned([name for name in CLOTHES if name != "turned"], every=9))
def test_clothes_do_not_make_the_mood(name, demo, plain, analyze, make_clip):
    file = f"dressed-{name}.{ENDINGS.get(name, 'mp4')}"
    dressed = analyze(make_clip(file, "-i", demo, *CLOTHES[name])).timeline
    assert dressed.labels == LABELS
    # ffmpeg itself puts the cuts of a film of ten frames a second two frames later.
    assert dressed.edges[1:-1] == pytest.approx(CUTS, abs=0.21 if name == "slow" else 0.05)
    assert np.abs(dressed.plane - plain.timeline.plane).max() < 0.3


def test_a_turned_film_is_looked_at_as_it_is_shown(demo, plain, analyze, make_clip):
    on_its_side = make_clip("on-its-side.mp4", "-i", demo, *CLOTHES["turned"])
    upright = make_clip("upright.mp4", "-display_rotation", "90", "-i", on_its_side, "-c", "copy")
    found = analyze(upright)
    assert (found.video.width, found.video.height) == (640, 360)
    assert found.timeline.labels == LABELS
    assert np.abs(found.timeline.plane - plain.timeline.plane).max() < 0.25


@pytest.mark.parametrize(
    ("name", "source", "seconds"),
    [
        ("black", "color=black:s=64x36:r=5:d=20", 20),
        ("white", "color=white:s=64x36:r=5:d=20", 20),
        ("one-frame", "testsrc2=s=64x36:r=25:d=0.04", 0.04),
        ("one-pixel", "color=red:s=2x2:r=5:d=10,crop=2:2", 10),
    ],
)
def test_films_of_which_there_is_nothing_to_see(name, source, seconds, analyze, make_clip):
    found = analyze(make_clip(f"odd-{name}.mkv", "-f", "lavfi", "-i", source, "-c:v", "ffv1"))
    assert len(found.timeline) == 1
    assert found.timeline.duration == pytest.approx(seconds, abs=0.21)
    assert np.isfinite(found.scores.plane).all()
    assert not found.shots.cuts.size


@pytest.mark.parametrize("pixels", thinned(["yuv420p10le", "gray", "yuva420p", "yuv444p"], every=2))
def test_films_of_other_pixels_have_the_same_mood(pixels, demo, analyze, make_clip):
    args = ("-t", "10", "-i", demo, "-pix_fmt", pixels, "-c:v", "ffv1", "-g", "25")
    found = analyze(make_clip(f"pixels-{pixels}.mkv", *args))
    assert found.timeline.labels == ("sad",)


def test_damage_in_the_middle_leaves_the_rest(demo, analyze, tmp_path):
    broken = tmp_path / "broken.mp4"
    data = bytearray(demo.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = bytes(20_000)
    broken.write_bytes(data)
    found = analyze(broken)
    assert found.timeline.labels[0] == "sad"
    assert found.timeline.labels[-1] == "calm"


def test_nothing_to_see_is_said_to_be_uncertain_or_quiet(analyze, make_clip):
    grey = analyze(
        make_clip(
            "odd-grey.mkv", "-f", "lavfi", "-i", "color=gray:s=64x36:r=5:d=20", "-c:v", "ffv1"
        )
    ).timeline
    assert grey.uncertain.all() or grey.plane[0, 1] < 0
