"""AAC from two encoders is one stream: as long, as near to the original, and gone when it fails."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest

import musify
from musify import Cue, CueSheet, Soundtrack, Track
from musify import _ffmpeg as ffmpeg_edge
from musify.audio.aac_encoder import aac_packets
from musify.audio.aac_packets import AAC_FRAMES
from musify.audio.packet_stream import packet_stream
from musify.backends.ffmpeg_muxer import FfmpegMuxer
from thinned import thinned

pytestmark = pytest.mark.media

RATE = 48_000


def tune(seconds: float, seed: int = 3) -> np.ndarray:
    """Plucked notes over a little noise: attacks as in music, so that windows change."""
    rng = np.random.default_rng(seed)
    frames = round(seconds * RATE)
    pcm = rng.standard_normal((frames, 2)) * 0.003
    for start in range(0, frames, RATE // 4):
        time = np.arange(min(RATE, frames - start)) / RATE
        note = np.sin(2 * np.pi * 220 * 2 ** (rng.integers(0, 24) / 12) * time) * np.exp(-5 * time)
        pcm[start : start + len(time)] += 0.15 * note[:, None] * rng.uniform(0.3, 1, 2)
    return pcm.astype(np.float32)


def encoded(pcm: np.ndarray, path: Path) -> list[bytes]:
    pieces = aac_packets(
        iter(np.array_split(pcm, 9)), sample_rate=RATE, channels=pcm.shape[1], bitrate="192k"
    )
    packets = [packet for piece in pieces for packet in piece]
    stream = packet_stream(packets, sample_rate=RATE, channels=pcm.shape[1], length=len(pcm))
    path.write_bytes(b"".join(stream))
    return packets


def noise_db(pcm: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Noise to signal of each block of 1024 PCM frames."""
    whole = min(len(pcm), len(back)) // AAC_FRAMES * AAC_FRAMES
    powers = [
        (sound[:whole].astype(float) ** 2).sum(axis=1).reshape(-1, AAC_FRAMES).sum(axis=1)
        for sound in (back[:whole] - pcm[:whole], pcm[:whole])
    ]
    return 10 * np.log10(powers[0] / powers[1])


def our_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith(("aac", "ffmpeg"))]


def test_pieces_measure_as_one_encoder_does(tmp_path: Path, ffmpeg: Callable, decode_pcm: Callable):
    pcm = tune(40.3)
    assert len(encoded(pcm, tmp_path / "pieces.mka")) == -(-len(pcm) // AAC_FRAMES) + 1
    (tmp_path / "raw").write_bytes(pcm.tobytes())
    raw = ("-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", tmp_path / "raw")
    ffmpeg(*raw, "-c:a", "aac", "-b:a", "192k", tmp_path / "one.mp4")
    ours, theirs = decode_pcm(tmp_path / "pieces.mka"), decode_pcm(tmp_path / "one.mp4")
    assert len(ours) == len(theirs) == len(pcm)
    mine, other = noise_db(pcm, ours), noise_db(pcm, theirs)
    assert np.median(mine) < np.median(other) + 0.5
    assert np.percentile(mine, 99) < np.percentile(other, 99) + 1.0
    assert mine.max() < other.max() + 3.0


def test_a_loop_measures_as_its_first_playing(tmp_path: Path, decode_pcm: Callable):
    song = tune(15.0)[: 700 * AAC_FRAMES]
    pcm = np.concatenate([song] * 6)
    packets = encoded(pcm, tmp_path / "loop.mka")
    # From the second playing on nearly all packets are those of the first.
    assert len(set(packets)) < 700 + 100
    noise = noise_db(pcm, decode_pcm(tmp_path / "loop.mka"))[:4200].reshape(6, 700)
    assert noise[1:].max() < noise[0].max() + 2.0


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("length", [1, 1024, 30_000, 700_001])
def test_any_length_comes_back(length: int, channels: int, tmp_path: Path, decode_pcm: Callable):
    pcm = np.ascontiguousarray(tune(15)[:length, :channels])
    encoded(pcm, tmp_path / "out.mka")
    back = decode_pcm(tmp_path / "out.mka")
    assert len(back) == length
    if channels == 1:
        back = back * np.sqrt(2)  # ffmpeg gives either side 3 dB less
    if length > 10_000:
        assert np.median(noise_db(pcm, back[:, :channels])) < -15


def test_the_same_sound_gives_the_same_packets(tmp_path: Path):
    pcm = tune(25)
    assert encoded(pcm, tmp_path / "a.mka") == encoded(pcm, tmp_path / "b.mka")


def endless() -> Iterator[np.ndarray]:
    seed = 0
    while True:
        seed += 1
        yield tune(1.0, seed)


@pytest.mark.parametrize("which", [0, 1])
def test_one_encoder_is_killed(which: int):
    packets = aac_packets(endless(), sample_rate=RATE, channels=2, bitrate="192k")
    next(packets)
    mine = [child for child in psutil.Process().children() if "adts" in child.cmdline()]
    assert len(mine) == 2
    mine[which].kill()
    with pytest.raises(musify.FFmpegError, match="killed by signal 9"):
        for _ in packets:
            pass
    assert not [
        child for child in psutil.Process().children() if child.pid in {m.pid for m in mine}
    ]
    assert not our_threads()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_nothing_is_left_when_the_sound_breaks_off(error: type[BaseException]):
    def breaking() -> Iterator[np.ndarray]:
        for block, _ in zip(endless(), range(20), strict=False):
            yield block
        raise error("enough")

    begun = time.monotonic()
    with pytest.raises(error, match="enough"):
        list(aac_packets(breaking(), sample_rate=RATE, channels=2, bitrate="192k"))
    assert time.monotonic() - begun < 60
    assert not our_threads()


def test_dropped_half_way_nothing_is_left():
    packets = aac_packets(endless(), sample_rate=RATE, channels=2, bitrate="192k")
    next(packets)
    packets.close()
    assert not our_threads()


# The video's own sound


@pytest.fixture(scope="session")
def film_with_tone(make_clip: Callable) -> Path:
    return make_clip(
        "tone-20s.mp4",
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=20"),
        *("-f", "lavfi", "-i", "sine=440:d=20:r=48000"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
    )


def test_a_damaged_packet_of_own_sound_is_concealed_and_told(
    film_with_tone: Path,
    make_clip: Callable,
    tmp_path: Path,
    decode_pcm: Callable,
    caplog: pytest.LogCaptureFixture,
):
    """From the tenth second some packets are noise: the sound goes on, in time, with a notice."""
    adts, _ = ffmpeg_edge.run(
        ["-v", "error", "-i", str(film_with_tone), "-map", "0:a", "-c", "copy", "-f", "adts", "-"]
    )
    places = [place for place in range(len(adts)) if adts[place : place + 4] == adts[:4]]
    damaged = bytearray(adts)
    noise = np.random.default_rng(1)
    for first, end in pairwise(places[470:475]):
        damaged[first + 7 : end] = noise.bytes(end - first - 7)
    (tmp_path / "damaged.aac").write_bytes(damaged)
    broken = make_clip(
        "tone-broken.mkv",
        *("-i", film_with_tone, "-i", tmp_path / "damaged.aac"),
        *("-map", "0:v", "-map", "1:a", "-c", "copy"),
    )
    info = musify.probe(broken)
    soundtrack = musify.mix(CueSheet((), info.duration, original="keep"), info)
    output = FfmpegMuxer().mux(info, soundtrack, tmp_path / "out.mp4")
    assert "is damaged; its sound may have holes" in caplog.text
    pcm = decode_pcm(output)
    assert len(pcm) == round(info.duration * RATE)
    for second in (5, 15):
        tone = pcm[second * RATE : (second + 1) * RATE, 0]
        peak = np.argmax(np.abs(np.fft.rfft(tone)))
        assert peak == 440


@pytest.mark.parametrize("seconds", thinned([8.0, 128.0], every=2))
def test_own_sound_off_by_a_minute(
    seconds: float, chirp_film: Callable, tmp_path: Path, decode_pcm: Callable
):
    """Sound may end a minute before the picture does, or after it."""
    info = musify.probe(chirp_film(seconds))
    assert info.duration == pytest.approx(68, abs=0.01)
    sheet = CueSheet((), info.duration, original="keep")
    output = FfmpegMuxer().mux(info, musify.mix(sheet, info), tmp_path / "out.mp4")
    pcm = decode_pcm(output)
    assert len(pcm) == 68 * RATE
    rms = [np.sqrt((pcm[s * RATE : (s + 1) * RATE] ** 2).mean()) for s in (2, 30, 67)]
    assert rms[0] > 0.01
    assert all((level > 0.01) == (seconds > 68) for level in rms[1:])
    assert musify.probe(output).duration == pytest.approx(68, abs=0.01)


@pytest.fixture(scope="session")
def chirp_film(make_clip: Callable) -> Callable[[float], Path]:
    def make(seconds: float) -> Path:
        return make_clip(
            f"off-{seconds}.mp4",
            *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=10:d=68"),
            *("-f", "lavfi", "-i", f"sine=330:d={seconds}:r=48000"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p"),
        )

    return make


@pytest.mark.parametrize("rate", [44_100, 48_000, 37_800])
def test_every_rate_keeps_length(
    rate: int, tiny_video: Path, songs: Path, tmp_path: Path, make_clip: Callable
):
    """AAC knows some rates by number; another is converted by the ffmpeg that writes the file."""
    info = musify.probe(tiny_video)
    length = round(info.duration * rate)
    pcm = np.zeros((length, 2), np.float32)
    output = FfmpegMuxer().mux(
        info, Soundtrack(rate, 2, length, lambda: iter([pcm])), tmp_path / "out.mp4"
    )
    sound = musify.probe(output)
    _, lines = ffmpeg_edge.run(
        ["-v", "info", "-i", str(output), "-map", "0:a:0", "-af", "astats", "-f", "null", "-"]
    )
    assert sound.duration == pytest.approx(info.duration, abs=0.001)
    assert any("Number of samples" in line for line in lines)


def test_a_sheet_of_one_looped_song_repeats_packets(
    film_with_tone: Path, make_clip: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Through the mixer, too: gain, crossfade and limiter leave repeats bit for bit the same."""
    from musify.audio import aac_encoder
    from musify.audio.aac_plan import Piece, planned
    from musify.audio.arrange import loop_ranges

    song = tmp_path / "song.wav"
    (tmp_path / "raw").write_bytes(tune(6.0).tobytes())
    raw = ["-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", str(tmp_path / "raw")]
    ffmpeg_edge.run(["-v", "error", *raw, str(song)])
    counted: list[int] = []

    def counting(blocks):
        for item in planned(blocks):
            counted.append(item.count if isinstance(item, Piece) else 0)
            yield item

    monkeypatch.setattr(aac_encoder, "planned", counting)
    sources, crossfade = loop_ranges(6.0, 60.0, 1.0)
    cue = Cue(0.0, 60.0, Track(song, 6.0), sources, fade_in=0.5, fade_out=2.5, crossfade=crossfade)
    soundtrack = musify.mix(CueSheet((cue,), 60.0))
    packets = aac_packets(soundtrack.blocks(), sample_rate=RATE, channels=2, bitrate="192k")
    total = sum(len(piece) for piece in packets)
    assert total == -(-60 * RATE // AAC_FRAMES) + 1
    assert sum(counted) < total * 0.35
