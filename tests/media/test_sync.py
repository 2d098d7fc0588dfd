"""Sound is as long as the picture, and every sound is heard when it should be."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import musify
from musify import Cue, CueSheet, Soundtrack, SourceRange, Track
from musify import _ffmpeg as ffmpeg_edge
from musify._packets import read_packets
from musify.audio.bs1770 import true_peak
from musify.backends.ffmpeg_muxer import FfmpegMuxer
from thinned import thinned

pytestmark = pytest.mark.media

RATE = 48_000
AAC_FRAME = 1024
ENDINGS = ("mp4", "m4v", "mov", "mkv", "webm")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "25")
# Rises and falls in volume and pitch: it matches itself at one place only, and survives a codec.
SPAN = np.arange(round(0.04 * RATE)) / RATE
CHIRP = np.sin(2 * np.pi * (400 * SPAN + 50_000 * SPAN**2)) * np.hanning(len(SPAN)) * 0.5
CEILING = 10 ** (-1 / 20)


def place_of(chirp: np.ndarray, pcm: np.ndarray) -> int:
    """PCM frame where the chirp begins, by cross-correlation."""
    size = len(pcm) + len(chirp)
    spectrum = np.fft.rfft(pcm, size) * np.conj(np.fft.rfft(chirp, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(pcm)]))


def chirp_track(length: int, *places: int) -> np.ndarray:
    pcm = np.zeros((length, 2), np.float32)
    for place in places:
        pcm[place : place + len(CHIRP)] += CHIRP[:, None].astype(np.float32)
    return pcm


def soundtrack_of(pcm: np.ndarray) -> Soundtrack:
    return Soundtrack(RATE, 2, len(pcm), lambda: iter(np.array_split(pcm, 7)))


def first_sound(path: Path, stream: int = 0) -> float:
    """When the first decoded PCM frame is presented, on the clock of the file."""
    args = ["-v", "info", "-nostats", "-copyts", "-i", f"file:{path}", "-map", f"0:a:{stream}"]
    _, lines = ffmpeg_edge.run([*args, "-af", "ashowinfo", "-f", "null", "-"])
    found = re.search(r"pts_time:(-?[\d.]+)", "\n".join(lines))
    assert found is not None
    return float(found[1])


@pytest.fixture(scope="session")
def chirp_wav(media_dir: Path, ffmpeg: Callable) -> Callable[..., Path]:
    """A file with chirps at these seconds: own sound to make clips with."""

    def make(seconds: float, *at: float, channels: int = 2) -> Path:
        name = f"chirp-{seconds}-{'-'.join(map(str, at))}-{channels}"
        path = media_dir / f"{name}.wav"
        if not path.exists():
            raw = media_dir / f"{name}.f32"
            places = [round(time * RATE) for time in at]
            pcm = chirp_track(round(seconds * RATE), *places)[:, :channels]
            raw.write_bytes(np.ascontiguousarray(pcm, "<f4").tobytes())
            ffmpeg("-f", "f32le", "-ar", str(RATE), "-ac", str(channels), "-i", raw, path)
        return path

    return make


# (a) Lengths


@pytest.mark.parametrize("seconds", thinned([1.96, 2.0, 3.336], every=3))
@pytest.mark.parametrize("ending", ENDINGS)
def test_decoded_sound_is_as_long_as_the_picture(
    ending: str, seconds: float, make_clip: Callable, decode_pcm: Callable, tmp_path: Path
):
    rate, codec = ("125/3", VP8) if ending == "webm" else ("125/3", H264)
    video = make_clip(
        f"length-{seconds}-{codec[1]}.{'webm' if ending == 'webm' else 'mp4'}",
        *("-f", "lavfi", "-i", f"testsrc2=s=160x90:r={rate}:d={seconds}", *codec),
    )
    info = musify.probe(video)
    length = round(info.duration * RATE)
    pcm = chirp_track(length, length // 2)
    output = FfmpegMuxer().mux(info, soundtrack_of(pcm), tmp_path / f"out.{ending}")
    surplus = len(decode_pcm(output)) - length
    # Matroska does not tell where the last AAC frame ends.
    assert 0 <= surplus <= (AAC_FRAME if ending == "mkv" else 0)


def test_the_whole_run_keeps_the_length(
    tiny_video: Path, songs: Path, decode_pcm: Callable, tmp_path: Path
):
    result = musify.add_music(tiny_video, tmp_path / "out.mp4", library=songs)
    length = round(musify.probe(tiny_video).duration * RATE)
    assert result.soundtrack.length == length
    assert len(decode_pcm(result.output)) == length


# (b) Alignment


SHAPES = {
    "plain": ((), (), ()),
    "picture starts at 1.5 s": ((), (), ("-output_ts_offset", "1.5")),
    "own sound starts later": ((), ("-itsoffset", "0.7"), ()),
    "own sound starts earlier": (("-itsoffset", "0.8"), (), ()),
    "both are late, sound first": (("-itsoffset", "0.4"), (), ("-output_ts_offset", "0.5")),
}


def shaped_clip(make_clip: Callable, shape: str, ending: str, wav: Path) -> Path:
    """Make 3 s of film and the given sound, shifted against each other."""
    film, sound, both = SHAPES[shape]
    webm = ending == "webm"
    source = make_clip(
        f"film-3s.{'webm' if webm else 'mp4'}",
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=3", *(VP8 if webm else H264)),
    )
    codecs = ("-c:v", "copy", "-c:a", "libopus" if webm else "aac", "-b:a", "128k")
    return make_clip(
        f"{wav.stem}-{shape.replace(' ', '-').replace(',', '')}.{ending}",
        *(*film, "-i", source, *sound, "-i", wav, "-map", "0:v", "-map", "1:a", *codecs, *both),
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ending", thinned(["mp4", "mov", "mkv", "webm", "ts"], every=3))
def test_new_sound_meets_the_picture(
    shape: str,
    ending: str,
    make_clip: Callable,
    chirp_wav: Callable,
    decode_pcm: Callable,
    tmp_path: Path,
):
    info = musify.probe(shaped_clip(make_clip, shape, ending, chirp_wav(3, 1.2)))
    length = round(info.duration * RATE)
    at = round(1.7 * RATE)
    output = tmp_path / f"out.{'mp4' if ending == 'ts' else ending}"
    FfmpegMuxer().mux(info, soundtrack_of(chirp_track(length, at)), output)
    film = musify.probe(output)
    picture = read_packets(output, film.video_index).starts.min()
    heard = first_sound(output) + place_of(CHIRP, decode_pcm(output)[:, 0]) / RATE - picture
    # Two roundings to milliseconds in Matroska.
    assert heard == pytest.approx(at / RATE, abs=0.0015)


# (c) Own sound


def own_sound(video: Path) -> np.ndarray:
    """Mix without any cue: what is left is the video's own sound, in time with its picture."""
    info = musify.probe(video)
    return musify.mix(CueSheet((), info.duration, original="keep"), info).render()


# When a chirp 1.2 s after the start of the sound is heard after the start of the picture.
HEARD_AT = {
    "plain": 1.2,
    "picture starts at 1.5 s": 1.2,
    "own sound starts later": 1.9,
    "own sound starts earlier": 0.4,
    "both are late, sound first": 0.8,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ending", thinned(["mp4", "mov", "mkv", "webm", "ts"], every=2))
def test_own_sound_stays_in_time(shape: str, ending: str, make_clip: Callable, chirp_wav: Callable):
    video = shaped_clip(make_clip, shape, ending, chirp_wav(3, 1.2))
    pcm = own_sound(video)
    assert len(pcm) == round(musify.probe(video).duration * RATE)
    heard = place_of(CHIRP, pcm[:, 0]) / RATE
    assert heard == pytest.approx(HEARD_AT[shape], abs=0.0015)
    np.testing.assert_allclose(np.abs(pcm).max(axis=0), CHIRP.max(), atol=0.05)


def test_own_sound_is_in_time_in_the_output(
    make_clip: Callable, chirp_wav: Callable, songs: Path, decode_pcm: Callable, tmp_path: Path
):
    video = shaped_clip(make_clip, "own sound starts later", "mp4", chirp_wav(3, 1.2))
    output = musify.add_music(video, tmp_path / "out.mp4", library=songs).output
    heard = first_sound(output) + place_of(CHIRP, decode_pcm(output)[:, 0]) / RATE
    assert heard == pytest.approx(1.9, abs=0.0015)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts"])
def test_a_gap_in_own_sound_stays_a_gap(ending: str, make_clip: Callable, chirp_wav: Callable):
    whole = make_clip(
        "whole.mp4",
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=5", "-i", chirp_wav(5, 1.2, 2.4, 4.1)),
        *(*H264, "-c:a", "aac", "-b:a", "128k"),
    )
    video = make_clip(
        f"gap.{ending}",
        *("-i", whole, "-c", "copy", "-bsf:a", "noise=drop='between(pts*tb,2,3)'"),
    )
    mono = own_sound(video)[:, 0]
    halves = mono[: 2 * RATE], mono[3 * RATE :]
    assert place_of(CHIRP, halves[0]) / RATE == pytest.approx(1.2, abs=0.0015)
    assert place_of(CHIRP, halves[1]) / RATE == pytest.approx(1.1, abs=0.0015)
    # The last frame before the gap rings on for a frame's length.
    inside = mono[2 * RATE + 2 * AAC_FRAME : 3 * RATE - AAC_FRAME]
    assert np.abs(inside).max() < 0.001


@pytest.mark.parametrize("ending", ["mp4", "webm"])
def test_mono_is_heard_at_full_level_on_both_sides(
    ending: str, make_clip: Callable, chirp_wav: Callable
):
    video = shaped_clip(make_clip, "plain", ending, chirp_wav(3, 1.2, channels=1))
    pcm = own_sound(video)
    np.testing.assert_array_equal(pcm[:, 0], pcm[:, 1])
    assert np.abs(pcm).max() == pytest.approx(CHIRP.max(), abs=0.05)


@pytest.mark.parametrize("seconds", [1.5, 4.5])
def test_own_sound_of_another_length(seconds: float, make_clip: Callable, chirp_wav: Callable):
    video = shaped_clip(make_clip, "plain", "mp4", chirp_wav(seconds, 1.2))
    pcm = own_sound(video)
    assert len(pcm) == 3 * RATE
    assert place_of(CHIRP, pcm[:, 0]) / RATE == pytest.approx(1.2, abs=0.001)
    assert np.abs(pcm[round(1.6 * RATE) :]).max() < 0.001


@pytest.mark.parametrize("own_rate", [44_100, 22_050])
def test_own_sound_of_another_rate(own_rate: int, make_clip: Callable, chirp_wav: Callable):
    source = shaped_clip(make_clip, "own sound starts later", "mp4", chirp_wav(3, 1.2))
    video = make_clip(
        f"rate-{own_rate}.mkv",
        *("-i", source, "-c:v", "copy", "-af", f"aresample={own_rate}", "-c:a", "flac"),
    )
    heard = place_of(CHIRP, own_sound(video)[:, 0]) / RATE
    assert heard == pytest.approx(1.9, abs=0.0015)


# (d) Peaks


@pytest.mark.parametrize("original", ["keep", "replace"])
def test_no_peak_passes_the_ceiling(original: str, make_clip: Callable, media_dir: Path):
    loud = make_clip("loud.wav", "-f", "lavfi", "-i", "aevalsrc='sgn(sin(900*t))':d=4:s=48000")
    video = make_clip(
        "loud.mkv",
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=3", "-i", loud, "-shortest"),
        *(*H264, "-c:a", "pcm_s16le"),
    )
    info = musify.probe(video)
    cue = Cue(0.5, 2.5, Track(loud, 4.0), (SourceRange(0, 4),), gain_db=6)
    sheet = CueSheet((cue,), info.duration, original=original)
    pcm = musify.mix(sheet, info).render()
    assert np.abs(pcm).max() <= CEILING
    # Between its samples a square wave is higher than at them.
    assert true_peak(pcm, RATE) == pytest.approx(-1, abs=0.1)
    if original == "replace":
        assert not pcm[: RATE // 2 - round(0.03 * RATE)].any()
