"""Samplers give the frames they say they give, and leave nothing behind.

The clips carry the number of each frame in the picture: ten upright bars, white for a 1, the lowest
bit at the left. So the picture itself proves which frame a sample is.
"""

import gc
import re
import shutil
import threading
import weakref
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psutil
import pytest

import musify
from musify import FrameSample, FrameSampler
from musify.backends.interval_sampler import IntervalSampler
from musify.backends.keyframe_sampler import KeyframeSampler
from musify.notices import collect_notices
from thinned import thinned

pytestmark = pytest.mark.media

BITS = 10
RATE = 25


class PyavInterval(IntervalSampler):
    """The same sampler, decoding with PyAV."""

    def __init__(self, *args, **options):
        super().__init__(*args, decoder="pyav", **options)


class PyavKeyframe(KeyframeSampler):
    def __init__(self, *args, **options):
        super().__init__(*args, decoder="pyav", **options)


with_pyav = pytest.mark.skipif(find_spec("av") is None, reason="PyAV is an extra")
INTERVALS = (IntervalSampler, pytest.param(PyavInterval, marks=with_pyav))
KEYFRAMES = (KeyframeSampler, pytest.param(PyavKeyframe, marks=with_pyav))
SAMPLERS = (*INTERVALS, *KEYFRAMES)
FIELDS = ("-flags", "+ildct+ilme", "-x264opts", "tff=1")
X265 = ("-x265-params", "log-level=none:open-gop=1:scenecut=0:bframes=3")
# The top half is the number; the bottom is moving and noisy, so that packets are not trivial and
# the picture has an up and a down.
BARS = f"if(mod(floor(N/pow(2,floor(X*{BITS}/W))),2),235,16)"
PICTURE = f"geq=lum='if(lt(Y,H/2),{BARS},60+mod(X+2*Y+5*N,40)+random(1)*8)':cb=128:cr=128"
BROADCAST = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=12", "-c:v", "libx264", "-g", "50")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-sc_threshold", "0", "-pix_fmt", "yuv420p")


def frame_number(image: np.ndarray) -> int:
    """Read the bars of an upright picture."""
    height, width, _ = image.shape
    columns = ((np.arange(BITS) + 0.5) * width / BITS).astype(int)
    bits = image[: height * 2 // 5, columns].mean(axis=(0, 2)) > 128
    return int((bits * 2 ** np.arange(BITS)).sum())


@pytest.fixture(scope="session")
def numbered(make_clip: Callable) -> Callable[..., Path]:
    """Make a clip of numbered frames: ``numbered("a.mp4", seconds=4, gop=25, ...)``."""

    def make(
        name: str,
        *args: str,
        seconds: float = 4,
        rate: str = str(RATE),
        gop: int = 25,
        keep: str = "",
        codec: tuple[str, ...] = X264,
        height: int = 90,
    ) -> Path:
        only = f",select='{keep}'" if keep else ""
        return make_clip(
            f"numbered-{name}",
            *("-f", "lavfi", "-i", f"nullsrc=s=160x{height}:r={rate}:d={seconds},{PICTURE}{only}"),
            *("-fps_mode", "vfr", "-g", str(gop), "-keyint_min", str(gop), *codec, *args),
        )

    return make


def check_true(samples: list[FrameSample], rate: float = RATE, first: int = 0) -> list[int]:
    """Each sample's time is that of the frame in its picture; give the numbers."""
    numbers = [frame_number(sample.image) for sample in samples]
    times = (np.array(numbers) - first) / rate
    # Matroska rounds to milliseconds, once for the frame and once for the start.
    np.testing.assert_allclose([sample.time for sample in samples], times, atol=0.0011)
    assert (np.diff(numbers) > 0).all()
    return numbers


def on_the_grid(numbers: list[int], seconds: float, rate: float = RATE) -> list[int]:
    """Of these frames, the first at or after each multiple of T, once each."""
    times = (np.array(numbers) - numbers[0]) / rate
    end = times[-1] + 1 / rate
    found: dict[int, None] = {}
    for wanted in np.arange(0, end - 1e-9, seconds):
        later = np.flatnonzero(times >= wanted - 1e-4)
        if len(later):
            found[numbers[later[0]]] = None
    return list(found)


def first_keys(keys: list[int], seconds: float, rate: float = RATE) -> list[int]:
    """The first key frame in each T seconds."""
    found: dict[int, int] = {}
    for key in keys:
        found.setdefault(int(key / rate / seconds + 1e-6), key)
    return list(found.values())


# Exact times

SHAPES: dict[str, dict] = {
    "plain.mp4": {},
    "plain.mkv": {},
    "packets.ts": {},
    "program.mpg": {"codec": ("-c:v", "mpeg2video", "-b:v", "3M")},
    "old.avi": {"codec": ("-c:v", "mpeg4", "-b:v", "2M")},
    "flash.flv": {},
    "vp8.webm": {"codec": ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8")},
    "b-frames.mp4": {"codec": (*X264[:3], "medium", *X264[4:], "-bf", "3", "-b_adapt", "0")},
    "b-frames.mkv": {"codec": (*X264[:3], "medium", *X264[4:], "-bf", "3", "-b_adapt", "0")},
    "b-frames.ts": {"codec": (*X264[:3], "medium", *X264[4:], "-bf", "3", "-b_adapt", "0")},
    "open-gop.mkv": {"codec": (*X264, "-bf", "2", "-x264-params", "open-gop=1:bframes=2")},
    "late.mp4": {"late": 1.5},
    "late.mkv": {"late": 1.5},
    "late.ts": {"late": 1.5},
    "all-keys.mp4": {"gop": 1},
    "short-gop.mp4": {"gop": 5},
    "hevc.mp4": {"codec": ("-c:v", "libx265", "-preset", "ultrafast", *X265)},
    "hevc.mkv": {"codec": ("-c:v", "libx265", "-preset", "ultrafast", *X265)},
    "vp9.webm": {"codec": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")},
    "fields.mp4": {"codec": (*X264, *FIELDS), "height": 96},
    "fields.ts": {
        "codec": (*X264, *FIELDS, "-bf", "2"),
        "height": 96,
    },
    "one-key.mp4": {"gop": 1000},
    "fragments.mp4": {"extra": ("-movflags", "frag_keyframe+empty_moov")},
}


@pytest.mark.parametrize("seconds", thinned([0.7, 0.2, 1.0, 3.0, 100.0], every=5))
@pytest.mark.parametrize("name", thinned(SHAPES, every=2))
@pytest.mark.parametrize("sampler", INTERVALS)
def test_interval_gives_the_frames_of_the_grid(
    sampler: type[FrameSampler], name: str, seconds: float, numbered: Callable
):
    info = musify.probe(shaped(numbered, name))
    assert info.duration == pytest.approx(4, abs=0.002)
    numbers = check_true(list(sampler(seconds).sample(info)))
    assert numbers == on_the_grid(list(range(100)), seconds)


@pytest.mark.parametrize("seconds", thinned([0.7, 0.2, 1.0, 3.0, 100.0], every=5))
@pytest.mark.parametrize("name", thinned(SHAPES, every=2))
@pytest.mark.parametrize("keyframe", KEYFRAMES)
def test_keyframe_gives_true_times(
    keyframe: type[KeyframeSampler], name: str, seconds: float, numbered: Callable
):
    """The first key frame of each step; where they are too far apart, frames of the grid too."""
    info = musify.probe(shaped(numbered, name))
    sampler = keyframe(seconds, longest_gap=2 * seconds)
    numbers = check_true(list(sampler.sample(info)))
    keys = first_keys(list(range(0, 100, SHAPES[name].get("gop", 25))), seconds)
    assert set(keys) <= set(numbers)
    assert set(numbers) <= {*keys, *on_the_grid(list(range(100)), seconds)}
    gaps = np.diff([*numbers, 100]) / RATE
    assert gaps.max() <= 2 * seconds + 1 / RATE


def shaped(numbered: Callable, name: str) -> Path:
    shape = dict(SHAPES[name])
    late, extra = shape.pop("late", 0), shape.pop("extra", ())
    if late:
        extra = ("-output_ts_offset", str(late))
    return numbered(f"shaped-{name}", *extra, **shape)


@pytest.mark.parametrize("seconds", thinned([0.5, 0.2, 1.0], every=3))
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
@pytest.mark.parametrize("rate", ["30000/1001", "24000/1001"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_broadcast_rates(
    sampler: type[FrameSampler], rate: str, ending: str, seconds: float, numbered: Callable
):
    name = f"rate-{rate.split('/')[0]}.{ending}"
    info = musify.probe(numbered(name, seconds=3, rate=rate, gop=20))
    numbers = check_true(list(sampler(seconds).sample(info)), float(info.frame_rate))
    if issubclass(sampler, IntervalSampler):
        count = round(info.duration * info.frame_rate)
        assert numbers == on_the_grid(list(range(count)), seconds, float(info.frame_rate))


@pytest.mark.parametrize("seconds", thinned([0.5, 0.2, 1.3], every=3))
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_variable_rate(
    sampler: type[FrameSampler], ending: str, seconds: float, numbered: Callable
):
    """Bursts, single frames and holes of more than a second; the first frame is number 2."""
    kept = [*range(2, 14), *range(14, 30, 3), 30, 61, 62, 63, *range(70, 100, 7)]
    keep = "+".join(f"eq(n,{number})" for number in kept)
    info = musify.probe(numbered(f"varying.{ending}", keep=keep, gop=8))
    numbers = check_true(list(sampler(seconds).sample(info)), first=kept[0])
    assert set(numbers) <= set(kept)
    if issubclass(sampler, IntervalSampler):
        wanted = on_the_grid(kept, seconds)
        assert numbers == wanted


def test_one_key_frame_is_filled_as_the_interval_does(numbered: Callable):
    info = musify.probe(shaped(numbered, "one-key.mp4"))
    by_key = [
        frame_number(sample.image) for sample in KeyframeSampler(0.5, longest_gap=1.0).sample(info)
    ]
    by_interval = [frame_number(sample.image) for sample in IntervalSampler(0.5).sample(info)]
    assert by_key == by_interval


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_one_frame(sampler: type[FrameSampler], numbered: Callable):
    info = musify.probe(numbered("one.mp4", "-frames:v", "1"))
    (sample,) = sampler(1.0).sample(info)
    assert sample.time == 0


@pytest.mark.parametrize("sampler", INTERVALS)
def test_long_jumps(sampler: type[FrameSampler], numbered: Callable):
    """So far apart that each frame gets its own process."""
    info = musify.probe(numbered("long.mp4", seconds=24, gop=50))
    numbers = check_true(list(sampler(7.0).sample(info)))
    assert numbers == [0, 175, 350, 525]


def test_default_gap(numbered: Callable):
    """A gap of up to ten seconds is left alone, a longer one filled."""
    sparse = musify.probe(numbered("sparse.mp4", seconds=24, gop=240))
    assert check_true(list(KeyframeSampler().sample(sparse))) == [0, 240, 480]
    single = musify.probe(numbered("single.mp4", seconds=24, gop=1000))
    assert check_true(list(KeyframeSampler().sample(single))) == [0, 125, 250, 375, 500]


# Pictures


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize(("longest", "shape"), [(64, (36, 64, 3)), (320, (90, 160, 3))])
def test_longest_side_never_grows(
    sampler: type[FrameSampler], longest: int, shape: tuple[int, ...], numbered: Callable
):
    info = musify.probe(shaped(numbered, "plain.mp4"))
    for sample in sampler(1.0, longest).sample(info):
        assert sample.image.shape == shape
        assert not sample.image.flags.writeable


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("ending", thinned(["mp4", "mkv"], every=2))
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_turned_pictures_are_upright(
    sampler: type[FrameSampler], ending: str, degrees: int, numbered: Callable, make_clip: Callable
):
    flat = shaped(numbered, "plain.mp4")
    turned = make_clip(
        f"turned-numbers-{degrees}.{ending}",
        *("-display_rotation", str(degrees), "-i", flat, "-c", "copy"),
    )
    straight = list(sampler(1.0).sample(musify.probe(flat)))
    samples = list(sampler(1.0).sample(musify.probe(turned)))
    assert [sample.time for sample in samples] == pytest.approx([s.time for s in straight])
    for sample, plain in zip(samples, straight, strict=True):
        expected = np.rot90(plain.image, degrees // 90)
        assert sample.image.shape == expected.shape
        # Colour is interpolated along another axis.
        assert np.abs(sample.image.astype(int) - expected).mean() < 3


# Processes and memory


def children() -> set[int]:
    """List what decodes: processes, and threads where PyAV does."""
    threads = {thread.ident for thread in threading.enumerate() if "pyav" in thread.name}
    return threads | {
        child.pid
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE
    }


@pytest.fixture
def started(numbered: Callable) -> Callable:
    """Start to iterate over a clip that takes a while to decode."""

    def start(sampler: type[FrameSampler]):
        info = musify.probe(numbered("busy.mp4", seconds=40, gop=5))
        samples = iter(sampler(0.04).sample(info))
        next(samples)
        assert children()
        return samples

    return start


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_closing_ends_the_processes(sampler: type[FrameSampler], started: Callable):
    samples = started(sampler)
    samples.close()
    assert not children()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_dropping_ends_the_processes(sampler: type[FrameSampler], started: Callable):
    samples = started(sampler)
    del samples
    gc.collect()
    assert not children()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_consumer_that_raises_ends_the_processes(sampler: type[FrameSampler], started: Callable):
    def consume() -> None:
        for _ in started(sampler):
            raise RuntimeError("had enough")

    with pytest.raises(RuntimeError, match="had enough"):
        consume()
    gc.collect()
    assert not children()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_end_ends_the_processes(sampler: type[FrameSampler], numbered: Callable):
    samples = sampler(1.0).sample(musify.probe(shaped(numbered, "plain.mp4")))
    while next(samples, None) is not None:
        assert len(children()) <= 2
    assert not children()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_no_sample_is_held(sampler: type[FrameSampler], numbered: Callable):
    pictures: list[weakref.ref] = []
    for sample in sampler(0.2).sample(musify.probe(shaped(numbered, "short-gop.mp4"))):
        assert not any(picture() is not None for picture in pictures)
        pictures.append(weakref.ref(sample.image))
        del sample
    assert len(pictures) > 10


# Damage


@pytest.fixture
def damaged(numbered: Callable, tmp_path: Path) -> Callable[..., Path]:
    """A clip of 8 s with random bytes in a stretch of its middle."""

    def make(ending: str, share: float = 0.1) -> Path:
        whole = numbered(f"to-damage.{ending}", seconds=8, gop=10)
        content = bytearray(whole.read_bytes())
        begin, length = len(content) * 45 // 100, int(len(content) * share)
        noise = np.random.default_rng(2016).bytes(length)
        content[begin : begin + length] = noise
        path = tmp_path / f"damaged.{ending}"
        path.write_bytes(content)
        return path

    return make


def check_told(notices: list[str], missing: int) -> None:
    """One notice counts the frames that are missing."""
    (notice,) = notices
    assert int(re.search(r"skipped (\d+) damaged frame", notice)[1]) == missing


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_damage_is_skipped_and_counted(
    sampler: type[FrameSampler], damaged: Callable, numbered: Callable
):
    """MP4 knows of every frame, so each that is missing counts."""
    whole = musify.probe(numbered("to-damage.mp4", seconds=8, gop=10))
    wanted = [frame_number(sample.image) for sample in sampler(0.5).sample(whole)]
    with collect_notices() as notices:
        numbers = check_true(list(sampler(0.5).sample(musify.probe(damaged("mp4")))))
    assert set(numbers) <= set(wanted)
    missing = len(wanted) - len(numbers)
    assert 1 <= missing <= len(wanted) // 3
    check_told(notices, missing)


@pytest.mark.parametrize("ending", ["mkv", "ts"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_damage_that_swallows_packets(
    sampler: type[FrameSampler], ending: str, damaged: Callable, numbered: Callable
):
    """How many frames are gone nobody knows then; that some are must be told, and once."""
    whole = musify.probe(numbered(f"to-damage.{ending}", seconds=8, gop=10))
    wanted = [frame_number(sample.image) for sample in sampler(0.5).sample(whole)]
    with collect_notices() as notices:
        numbers = check_true(list(sampler(0.5).sample(musify.probe(damaged(ending)))))
    afar = {number for number in wanted if not 75 < number < 140}
    assert afar <= set(numbers)
    assert len(numbers) < len(wanted)
    assert ["damaged" in notice for notice in notices] == [True]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_key_frames_without_a_header(
    sampler: type[FrameSampler], numbered: Callable, make_clip: Callable, tmp_path: Path
):
    """What passes for no key frame any more is told of, also where ffmpeg met it on opening."""
    whole = numbered("to-wipe.mp4", seconds=4, gop=25)
    args = ("-ss", "2", "-i", whole, "-map", "0:v", "-frames:v", "1", "-c", "copy", "-f", "data")
    key = make_clip("key-frame-at-2.bin", *args).read_bytes()
    content = whole.read_bytes()
    assert content.count(key) == 1
    wiped = tmp_path / "wiped.mp4"
    wiped.write_bytes(content.replace(key, bytes(len(key))))
    with collect_notices() as notices:
        times = [sample.time for sample in sampler(1.0).sample(musify.probe(wiped))]
    assert times == [0, 1, 3]
    assert notices == ["wiped.mp4: skipped 1 damaged frame, at 2.00 s"]


def test_damage_of_two_kinds_is_told_once(numbered: Callable, make_clip: Callable, tmp_path: Path):
    """A key frame that is gone leaves a gap, and what fills the gap may need that key frame."""
    whole = numbered("to-break.mp4", seconds=20, gop=100)
    args = ("-ss", "8", "-i", whole, "-map", "0:v", "-frames:v", "1", "-c", "copy", "-f", "data")
    key = make_clip("key-frame.bin", *args).read_bytes()
    content = whole.read_bytes()
    assert content.count(key) == 1
    broken = tmp_path / "broken.mp4"
    # Its header stays, so that it is still decoded as a key frame.
    noise = key[:12] + np.random.default_rng(8).bytes(len(key) - 12)
    broken.write_bytes(content.replace(key, noise))
    with collect_notices() as notices:
        sampler = KeyframeSampler(2.5, longest_gap=5.0)
        times = [sample.time for sample in sampler.sample(musify.probe(broken))]
    assert times == pytest.approx([0, 4, 7.52, 12, 16])  # 25 frames a second
    (notice,) = notices
    assert "skipped 2 damaged frames, at 8.00 s, 10.00 s" in notice


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_one_damaged_key_frame(sampler: type[FrameSampler], numbered: Callable, tmp_path: Path):
    """All of one key frame's packet is noise: the frames around it are right."""
    whole = numbered("all-keys-to-damage.mp4", seconds=4, gop=1)
    content = bytearray(whole.read_bytes())
    begin = content.index(b"mdat") + 4
    middle = begin + (content.index(b"moov") - begin) // 2
    content[middle : middle + 12_000] = np.random.default_rng(7).bytes(12_000)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(content)
    with collect_notices() as notices:
        numbers = check_true(list(sampler(0.04).sample(musify.probe(path))))
    missing = len(list(sampler(0.04).sample(musify.probe(whole)))) - len(numbers)
    assert missing >= 1
    check_told(notices, missing)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_no_notice_for_a_whole_file(sampler: type[FrameSampler], numbered: Callable):
    with collect_notices() as notices:
        list(sampler(0.2).sample(musify.probe(shaped(numbered, "b-frames.mp4"))))
    assert notices == []


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_input_that_vanished(sampler: type[FrameSampler], numbered: Callable, tmp_path: Path):
    video = tmp_path / "gone.mp4"
    shutil.copyfile(shaped(numbered, "plain.mp4"), video)
    info = musify.probe(video)
    video.unlink()
    with pytest.raises(musify.VideoOpenError, match=r"gone\.mp4"):
        list(sampler(1.0).sample(info))


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize(("seconds", "longest"), [(0, 320), (-1, 320), (float("nan"), 320), (1, 0)])
def test_senseless_options(sampler: type[FrameSampler], seconds: float, longest: int):
    with pytest.raises(musify.ParameterError):
        sampler(seconds, longest)


# PyAV


@with_pyav
def test_pyav_gives_what_ffmpeg_gives(numbered: Callable):
    """The same times, and pictures that differ by rounding and deblocking alone."""
    info = musify.probe(shaped(numbered, "b-frames.mp4"))
    pairs = zip(IntervalSampler(0.2).sample(info), PyavInterval(0.2).sample(info), strict=True)
    for one, other in pairs:
        assert one.time == other.time
        assert np.abs(one.image.astype(int) - other.image).mean() < 1.5


@with_pyav
def test_pyav_keeps_no_large_frames(numbered: Callable):
    """Frames and their side data hold each other, so that only the collector would free them."""
    import av

    info = musify.probe(numbered("busy.mp4", seconds=40, gop=5))
    gc.collect()
    gc.disable()
    try:
        for _ in PyavInterval(0.5).sample(info):
            pass
        kept = [thing for thing in gc.get_objects() if isinstance(thing, av.VideoFrame)]
    finally:
        gc.enable()
    assert len(kept) <= 2  # one of each thread, for what is asked once


@pytest.mark.parametrize("sampler", [IntervalSampler, KeyframeSampler])
def test_pyav_that_is_missing(sampler: type[FrameSampler], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("musify.vision.exact.find_spec", lambda name: None)
    with pytest.raises(musify.MissingExtraError, match=r"pip install 'musify-video\[fast\]'"):
        sampler(decoder="pyav")


@pytest.mark.parametrize("sampler", [IntervalSampler, KeyframeSampler])
def test_a_decoder_nobody_knows(sampler: type[FrameSampler]):
    with pytest.raises(musify.ParameterError, match="decoder must be"):
        sampler(decoder="opencv")


@pytest.mark.parametrize("name", ["keyframe", "interval", "shot"])
def test_a_recording_that_begins_between_key_frames_is_not_damaged(name, make_clip, tmp_path):
    """Whoever records a broadcast begins anywhere; ffmpeg complains of what comes before."""
    whole = make_clip("broadcast.ts", *BROADCAST).read_bytes()
    packets = len(whole) // 188
    clip = tmp_path / "begun-late.ts"
    clip.write_bytes(whole[packets // 10 * 188 :])
    video = musify.probe(clip)
    with collect_notices() as notices:
        assert list(musify.get_backend("frame_sampler", name).sample(video))
    assert notices == []
