"""Odd pictures, as a viewer sees them: by every sampler and decoder.

Clips are small and short; all but one key frame is left to ffmpeg's encoders.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import musify
from musify import FrameSampler
from musify.backends.interval_sampler import IntervalSampler
from musify.backends.keyframe_sampler import KeyframeSampler
from musify.notices import collect_notices

pytestmark = pytest.mark.media
SAMPLERS = {
    "interval": lambda **options: IntervalSampler(0.4, **options),
    "keyframe": lambda **options: KeyframeSampler(0.4, **options),
    "pyav": lambda **options: IntervalSampler(0.4, decoder="pyav", **options),
}
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "4")
LOSSLESS = ("-c:v", "ffv1")
HEIGHT, WIDTH = 90, 160


@pytest.fixture(
    params=[
        "interval",
        "keyframe",
        pytest.param(
            "pyav", marks=pytest.mark.skipif(find_spec("av") is None, reason="PyAV is an extra")
        ),
    ]
)
def sampler(request) -> Callable[..., FrameSampler]:
    return SAMPLERS[request.param]


@pytest.fixture
def encoded(make_clip: Callable, media_dir: Path) -> Callable[..., Path]:
    """Encode one raw picture as a film of a second: ``encoded("a.mkv", pixels, "rgb24", ...)``."""

    def encode(name: str, pixels: np.ndarray, pixel_format: str, *args: str) -> Path:
        raw = media_dir / f"{name}.raw"
        raw.write_bytes(pixels.tobytes())
        height, width = pixels.shape[:2]
        return make_clip(
            f"looking-{name}",
            *("-f", "rawvideo", "-pix_fmt", pixel_format, "-s", f"{width}x{height}", "-r", "10"),
            *("-stream_loop", "9", "-i", raw, *args),
        )

    return encode


def look(path: Path, sampler: Callable[..., FrameSampler], **options) -> np.ndarray:
    """Sample, quietly, and return the pictures."""
    with collect_notices() as notices:
        samples = list(sampler(**options).sample(musify.probe(path)))
    assert notices == []
    assert [sample.image.dtype for sample in samples] == [np.uint8] * len(samples)
    return np.stack([sample.image for sample in samples])


def error(image: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(image.astype(float) - expected).mean())


def picture() -> np.ndarray:
    """Shades of grey to white, and of colours that are not at their purest."""
    across = np.linspace(0, 1, WIDTH)
    rows = [(1, 1, 1), (1, 0.6, 0.5), (0.4, 0.8, 0.5), (0.4, 0.5, 1), (0.9, 0.8, 0.3)]
    bands = [np.outer(across, row) for row in rows]
    return np.repeat(np.stack(bands), HEIGHT // len(rows), axis=0)


# HDR


TO_BT2020 = np.linalg.inv(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)


def to_pq(light: np.ndarray) -> np.ndarray:
    """Encode cd/m² (SMPTE ST 2084)."""
    power = (np.maximum(light, 0) / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def to_hlg(light: np.ndarray) -> np.ndarray:
    """Encode cd/m² of a screen that reaches 1000 (ITU-R BT.2100)."""
    luminance = (light / 1000) @ [0.2627, 0.6780, 0.0593]
    scene = light / 1000 * np.maximum(luminance, 1e-9)[..., None] ** (1 / 1.2 - 1)
    scene = np.maximum(scene, 0)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


TRANSFERS = {"smpte2084": to_pq, "arib-std-b67": to_hlg}


def hdr_clip(encoded: Callable, name: str, light: np.ndarray, transfer: str) -> Path:
    """Encode a picture, in cd/m² of BT.709 primaries, as 10-bit HEVC."""
    signal = TRANSFERS[transfer](light @ TO_BT2020.T)
    codes = np.clip(np.round(signal * 65535), 0, 65535).astype("<u2")
    colours = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    return encoded(
        f"{name}-{transfer}.mp4",
        codes,
        "rgb48le",
        *("-vf", "scale=out_color_matrix=bt2020nc:out_range=tv,format=yuv444p10le"),
        *("-c:v", "libx265", "-preset", "ultrafast", "-qp", "4"),
        *("-x265-params", f"log-level=none:{colours}", "-color_trc", transfer),
        *("-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-tag:v", "hvc1"),
    )


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_an_ordinary_picture_in_hdr_looks_as_it_did(sampler, transfer: str, encoded: Callable):
    """White of 203 cd/m² (ITU-R BT.2408) is white, and nothing is bent."""
    path = hdr_clip(encoded, "ordinary", 203 * picture() ** 2.4, transfer)
    assert musify.probe(path).video_stream.colour_transfer == transfer
    for image in look(path, sampler):
        assert error(image, 255 * picture()) < 2.5


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_highlights_are_bent_and_shades_kept(sampler, transfer: str, encoded: Callable):
    """Up to 1000 cd/m²: nothing is cut off, and what is dark is as it was."""
    steps = np.geomspace(1, 990, WIDTH)
    light = np.broadcast_to(steps[None, :, None], (HEIGHT, WIDTH, 3))
    image = look(hdr_clip(encoded, "bright", light, transfer), sampler)[0]
    row = image[:, 2:-2].mean(axis=(0, 2))
    assert (np.diff(row) > -0.51).all()
    assert row[-1] > 250
    bright = steps[2:-2] > 203
    assert np.ptp(row[bright]) > 15  # highlights differ
    dark = steps[2:-2] < 60
    assert error(row[dark], 255 * (steps[2:-2][dark] / 203) ** (1 / 2.4)) < 2.5


def test_hdr_is_quick():
    """A few milliseconds a frame, which is less than any network takes."""
    from time import process_time

    from musify.video import StreamInfo
    from musify.vision.hdr import to_sdr

    codes = np.random.default_rng(1).integers(0, 65536, (180, 320, 3), dtype=np.uint16)
    stream = StreamInfo(0, "video", "hevc", colour_transfer="smpte2084")
    to_sdr(codes, stream)
    begun = process_time()
    for _ in range(5):
        to_sdr(codes, stream)
    assert (process_time() - begun) / 5 < 0.15


# Other pixels


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("ten-bits.mkv", ("-pix_fmt", "yuv420p10le", *X264)),
        ("twelve-bits.mkv", ("-pix_fmt", "yuv444p12le", *LOSSLESS)),
        ("eight-bits.mp4", ("-pix_fmt", "yuv420p", *X264)),
        ("full-range.mp4", ("-pix_fmt", "yuvj420p", *X264)),
        ("rgb.mkv", ("-pix_fmt", "gbrp", *LOSSLESS)),
    ],
)
def test_depths_and_ranges(sampler, name: str, args: tuple[str, ...], encoded: Callable):
    source = np.round(255 * picture()).astype(np.uint8)
    for image in look(encoded(name, source, "rgb24", *args), sampler):
        assert error(image, source) < 3


def test_grey(sampler, encoded: Callable):
    source = np.round(255 * picture()[..., 0]).astype(np.uint8)
    path = encoded("grey.mkv", source, "gray", "-pix_fmt", "gray", *LOSSLESS)
    for image in look(path, sampler):
        assert error(image, source[..., None]) < 1.5
        assert (np.ptp(image, axis=2) <= 1).all()


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("alpha.mov", ("-c:v", "qtrle", "-pix_fmt", "argb")),
        ("alpha.mkv", ("-pix_fmt", "yuva444p10le", *LOSSLESS)),
        ("alpha-prores.mov", ("-c:v", "prores_ks", "-pix_fmt", "yuva444p10le")),
    ],
)
def test_what_is_transparent_is_black(sampler, name: str, args: tuple[str, ...], encoded: Callable):
    """However bright the colour that is stored there."""
    source = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    source[:, :, 3] = np.repeat([255, 128, 0, 0], WIDTH // 4)
    image = look(encoded(name, source, "rgba", *args), sampler)[0]
    columns = image.mean(axis=(0, 2))[[10, 50, 90, 130]]
    np.testing.assert_allclose(columns, [255, 128, 0, 0], atol=3)


@pytest.mark.parametrize("level", [0, 255])
def test_black_and_white(sampler, level: int, encoded: Callable):
    source = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
    path = encoded(f"all-{level}.mp4", source, "rgb24", "-pix_fmt", "yuv420p", *X264)
    pictures = look(path, sampler)
    assert len(pictures) >= 1
    assert np.abs(pictures.astype(int) - level).max() <= 2


# Odd sizes


def test_one_pixel(sampler, encoded: Callable):
    source = np.array([[[200, 30, 90]]], np.uint8)
    path = encoded("pixel.mkv", source, "rgb24", "-pix_fmt", "gbrp", *LOSSLESS)
    pictures = look(path, sampler)
    assert pictures.shape[1:] == (1, 1, 3)
    assert error(pictures[0], source) < 2


def test_one_pixel_high(sampler, encoded: Callable):
    source = np.full((1, 4000, 3), 77, np.uint8)
    path = encoded("thread.mkv", source, "rgb24", "-pix_fmt", "gbrp", *LOSSLESS)
    pictures = look(path, sampler)
    assert pictures.shape[1:] == (1, 320, 3)
    assert error(pictures[0], 77) < 2


def test_8k(sampler, make_clip: Callable):
    path = make_clip(
        "looking-8k.mp4",
        *("-f", "lavfi", "-i", "color=0x3060c0:s=7680x4320:r=2:d=0.5", "-pix_fmt", "yuv420p"),
        *("-c:v", "libx264", "-preset", "ultrafast"),
    )
    pictures = look(path, sampler)
    assert pictures.shape[1:] == (180, 320, 3)
    assert error(pictures[0], [0x30, 0x60, 0xC0]) < 3


def test_oblong_pixels(sampler, encoded: Callable):
    source = np.round(255 * picture()).astype(np.uint8)
    args = ("-vf", "setsar=2", "-pix_fmt", "yuv420p", *X264)
    assert look(encoded("oblong.mp4", source, "rgb24", *args), sampler).shape[1:] == (90, 320, 3)


# Interlaced film


@pytest.mark.parametrize("ending", ["mp4", "ts"])
def test_fields_do_not_comb(sampler, ending: str, make_clip: Callable):
    """A fast edge leaves no rows that differ by turns once the picture is small."""
    path = make_clip(
        f"looking-fields.{ending}",
        *("-f", "lavfi", "-i", "color=black:s=640x480:r=50:d=1"),
        *("-vf", "geq=lum='if(lt(mod(X-T*600,320),160),235,16)':cb=128:cr=128,interlace"),
        *("-pix_fmt", "yuv420p", *X264, "-flags", "+ildct+ilme", "-x264opts", "tff=1"),
    )
    assert musify.probe(path).video_stream.interlaced
    for image in look(path, sampler, longest_side=160):
        rows = image.astype(int).mean(axis=2)
        combing = np.abs(2 * rows[1:-1] - rows[:-2] - rows[2:]).mean()
        assert combing < 4


# Turned film: mirrored, too


@pytest.mark.parametrize("turn", [("-display_rotation", "90"), ("-display_hflip",)])
def test_turned_and_mirrored(sampler, turn: tuple[str, ...], encoded: Callable, make_clip):
    source = np.round(255 * picture()).astype(np.uint8)
    flat = encoded("flat.mp4", source, "rgb24", "-pix_fmt", "yuv420p", *X264)
    name = f"looking-{turn[0].strip('-')}.mp4"
    path = make_clip(name, *turn, "-i", flat, "-c", "copy")
    expected = np.rot90(source) if "90" in turn else source[:, ::-1]
    assert error(look(path, sampler)[0], expected) < 4
