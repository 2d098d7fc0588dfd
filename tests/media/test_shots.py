"""Shots of films that are made here: the same in every codec, size, frame rate, and in damage."""

import dataclasses

import numpy as np
import pytest

from musify import VideoOpenError, probe
from musify.backends.keyframe_sampler import KeyframeSampler
from musify.vision.find_shots import ShotFinder, find_shots

pytestmark = pytest.mark.media

RATE = 25
X264 = ("-c:v", "libx264", "-preset", "superfast", "-pix_fmt", "yuv420p")
# Shots of 2, 2.4 and 3 s with a hard cut between them; the last dissolves into a fourth over 1 s,
# and that fades through black, which stays for 0.4 s, into a fifth.
# Without these a gradient has other colours each time, whatever its seed.
COLOURS = "n=6:c0=gold:c1=teal:c2=salmon:c3=olive:c4=orchid:c5=skyblue"
SHOTS = (
    "mandelbrot=s=320x180:r=25:maxiter=200:start_scale=0.9,trim=duration=2",
    "testsrc2=s=320x180:r=25,hflip,hue=h=90,trim=duration=2.4",
    "mandelbrot=s=320x180:r=25:maxiter=200:start_scale=0.02,negate,trim=duration=3",
    f"gradients=s=320x180:r=25:{COLOURS}:speed=0.01:seed=3,trim=duration=3.6,fade=out:st=2.8:d=0.6",
    "testsrc2=s=320x180:r=25,eq=brightness=-0.1,trim=duration=3,fade=in:st=0.2:d=0.6",
)
GRAPH = (
    ";".join(f"{shot},setsar=1,format=yuv420p,settb=1/25[s{n}]" for n, shot in enumerate(SHOTS))
    + ";[s0][s1]concat=n=2,settb=1/25[a];[a][s2]concat=n=2,settb=1/25[b]"
    + ";[b][s3]xfade=fade:duration=1:offset=6.4,settb=1/25[c];[c][s4]concat=n=2"
)
TRUTH = [(2.0, "cut"), (4.4, "cut"), (6.9, "dissolve"), (10.0, "fade")]


@pytest.fixture(scope="module")
def film(make_clip):
    return make_clip("shots.mp4", "-f", "lavfi", "-i", GRAPH, *X264, "-bf", "3", "-crf", "18")


def matches(shots, truth, frame=1 / RATE):
    assert list(shots.kinds) == [kind for _, kind in truth]
    for time, (wanted, kind) in zip(shots.cuts, truth, strict=True):
        assert abs(time - wanted) <= (frame + 1e-6 if kind == "cut" else 0.25), (time, wanted)


@pytest.fixture(scope="module")
def exact(film):
    return find_shots(film)


def test_exact(film, exact):
    shots = exact
    matches(shots, TRUTH)
    assert shots.duration == pytest.approx(probe(film).duration)
    assert shots.activity_times[:2].tolist() == [0.5, 1.5]
    assert 0 < shots.activity.max() < 10


VARIANTS = {
    "hevc.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=1"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "400k"),
    "mpeg2.ts": ("-c:v", "mpeg2video", "-q:v", "4", "-bf", "2"),
    "mjpeg.avi": ("-c:v", "mjpeg", "-q:v", "4"),
    "small.mp4": (*X264, "-vf", "scale=96:54"),
    "bars.mp4": (*X264, "-vf", "scale=320:134,pad=320:180:0:23"),
    "upright.mp4": (*X264, "-vf", "pad=320:320:0:70"),
    "fast.mp4": (*X264, "-vf", "fps=50"),
    "ten-bit.mp4": ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"),
    "grey.mkv": ("-c:v", "ffv1", "-pix_fmt", "gray"),
    "interlaced.mp4": (*X264, "-flags", "+ilme+ildct"),
    "fixed.mp4": (*X264, "-g", "50", "-sc_threshold", "0", "-bf", "4", "-b_strategy", "0"),
    "late.ts": (*X264, "-output_ts_offset", "50"),
    "turned.mp4": (*X264, "-vf", "transpose"),
}


SLOW = ("mpeg2.ts", "mjpeg.avi", "fast.mp4", "ten-bit.mp4", "interlaced.mp4", "late.ts")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in VARIANTS],
)
def test_encoding_does_not_matter(exact, film, make_clip, name):
    one, other = exact, find_shots(make_clip(f"shots-{name}", "-i", film, *VARIANTS[name]))
    matches(other, [(time, kind) for time, kind in zip(one.cuts, one.kinds, strict=True)])
    assert other.strength == pytest.approx(one.strength, abs=0.2)
    # Within fades and dissolves there is none; it is that of the seconds around them.
    whole = (one.activity_times < 6) | (one.activity_times > 11)
    apart = np.abs(other.activity[: len(whole)] - one.activity)[whole]
    if name == "grey.mkv":
        return  # colours that no screen can show have another brightness in grey
    assert (apart <= np.maximum(0.15, 0.3 * one.activity[whole])).all(), (one, other)


def test_half_the_frame_rate(film, make_clip):
    shots = find_shots(make_clip("shots-slow.mp4", "-i", film, *X264, "-vf", "fps=12.5"))
    matches(shots, TRUTH, frame=2 / RATE)


def test_a_frame_rate_that_varies(film, make_clip):
    drop = "select='not(eq(mod(n,7),3))*not(between(n,49,51))'"
    clip = make_clip("shots-vfr.mkv", "-i", film, *X264, "-vf", drop, "-fps_mode", "passthrough")
    shots = find_shots(clip)
    # The first frame of the second shot is gone: the next one shown is that at 2.08 s.
    matches(shots, [(2.08, "cut"), *TRUTH[1:]])


@pytest.mark.parametrize(
    "name", ["shots.mp4", "shots-fixed.mp4", "shots-vp9.webm", "shots-mjpeg.avi", "shots-hevc.mp4"]
)
def test_fast(film, exact, make_clip, name):
    if name == "shots.mp4":
        clip = film
    else:
        clip = make_clip(name, "-i", film, *VARIANTS[name.removeprefix("shots-")])
    shots = find_shots(clip, "fast")
    hard = [time for time, kind in zip(shots.cuts, shots.kinds, strict=True) if kind == "cut"]
    for wanted in (2.0, 4.4):
        assert min(abs(time - wanted) for time in hard) <= 1 / RATE + 1e-6
    assert len(shots.cuts) <= 5
    assert len(shots.activity) == len(exact.activity)
    assert shots.activity.max() > 0.3


def test_frames_that_were_sampled_serve_the_index(film):
    video = probe(film)
    finder = ShotFinder(video)
    samples = list(finder.watch(KeyframeSampler(seconds=1.0).sample(video)))
    assert samples
    shots = finder.finish()
    assert set(shots.kinds) <= {"cut"}
    assert shots.duration == video.duration
    assert any(abs(shots.cuts - 2.0) < 0.25)
    assert find_shots(video, "index").duration == video.duration


@pytest.mark.parametrize("mode", ["exact", "fast", "index"])
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("black.mp4", ["-f", "lavfi", "-i", "color=black:s=64x36:r=25:d=3"]),
        ("white.mp4", ["-f", "lavfi", "-i", "color=white:s=64x36:r=25:d=3"]),
        ("one.mp4", ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=25", "-frames:v", "1"]),
        ("two.mp4", ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=25", "-frames:v", "2"]),
        ("dot.mkv", ["-f", "lavfi", "-i", "testsrc2=s=2x2:r=25:d=1", "-vf", "scale=1:1"]),
        ("still.mp4", ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=2", "-vf", "loop=-1:1",
                       "-frames:v", "60"]),
    ],
)  # fmt: skip
def test_films_without_cuts(make_clip, mode, name, args):
    codec = ("-c:v", "ffv1") if name == "dot.mkv" else X264
    shots = find_shots(make_clip(f"no-cut-{name}", *args, *codec), mode)
    assert len(shots.cuts) == 0
    assert np.isfinite(shots.activity).all()
    assert len(shots.activity) >= 1
    if mode == "exact" and name in ("black.mp4", "white.mp4", "still.mp4"):
        assert shots.activity.max() < 0.2


@pytest.mark.parametrize("mode", ["exact", "fast", "index"])
def test_damage_in_the_middle(film, tmp_path, mode):
    data = bytearray(film.read_bytes())
    third = len(data) // 3
    data[third : third + 3000] = bytes(3000)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(data)
    shots = find_shots(broken, mode)
    assert shots.duration > 10
    assert len(shots.cuts) < 8


def test_a_file_that_is_gone(film):
    video = dataclasses.replace(probe(film), path=film.with_name("gone.mp4"))
    with pytest.raises(VideoOpenError):
        find_shots(video)
    with pytest.raises(VideoOpenError):
        find_shots(video.path)
