"""Compares ways to find speech and to turn music down under it.

Speech is made by espeak-ng (a Debian package) in several voices at times that are known, over
nothing, noise, and music of `immich-memories-music` at several levels. Speech is found by Silero
(what musify does by default), by the energy detector, and by webrtcvad where it is installed
(`pip install webrtcvad-wheels`). Music is turned down by musify's curve and by ffmpeg's
sidechaincompress in settings that tutorials give. Printed are

- covered: the part of speech that was found, and wrong: the part of the rest that was taken for it,
  and F1, by the hundredth of a second;
- depth at the word: how much of its lasting reduction the music has when the first word begins;
- pumping: how far the music's gain moves within utterances, 5th to 95th percentile, in dB;
- ratio: how far music is below speech, the worst utterance, in LU;
- cpu: processor seconds for a second of sound, decoding by ffmpeg not counted.
"""

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import immich_memories_music
import numpy as np
from numpy.typing import NDArray

from musify import _ffmpeg
from musify.audio.ducking import duck
from musify.audio.power import PowerCurve, measure_power
from musify.audio.spans import above, bridged, long_enough, overlap, seconds_in
from musify.audio.speech import Speech, hear_speech
from musify.audio.speech_report import speech_to_music

RATE: Final = 16_000
SECONDS: Final = 60
VOICES: Final = ("en", "en+f3", "en-us+m4", "en+f5", "en-gb-scotland")
LINES: Final = (
    "Welcome to the harbour, where the boats leave early in the morning.",
    "Nobody had told us that the road was closed.",
    "Look at that! It is amazing.",
    "Yes.",
    "The second part shows how the bridge was built, stone by stone, by forty people.",
    "Press the button twice, wait for the light, and turn the key slowly.",
    "Thank you for watching, and see you next week.",
)
# Threshold, ratio, attack and release in milliseconds.
COMPRESSORS: Final = {
    "sidechaincompress, fast": "threshold=0.02:ratio=8:attack=20:release=300",
    "sidechaincompress, slow": "threshold=0.02:ratio=8:attack=200:release=1000",
}

Mono = NDArray[np.float32]
Spans = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scene:
    """Speech at known times, over something."""

    speech: Mono
    bed: Mono
    truth: Spans


def decoded(path: Path, rate: int = RATE) -> Mono:
    """Decode a file to mono."""
    args = ["-v", "error", "-i", str(path), "-ac", "1", "-ar", str(rate), "-f", "f32le", "pipe:1"]
    return np.frombuffer(_ffmpeg.run(args)[0], "<f4").copy()


def said(voice: str, words: str, folder: Path) -> Mono:
    """Let espeak-ng say something, without the silence around it, at -20 dB of full scale."""
    wav = folder / "said.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-w", wav, words], check=True)
    sound = decoded(wav)
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    return np.asarray(0.1 * sound / np.sqrt(np.square(sound).mean()), np.float32)


def narration(rng: np.random.Generator, voice: str, folder: Path) -> tuple[Mono, Spans]:
    """Let a voice speak for a minute, with pauses short and long."""
    out = np.zeros(SECONDS * RATE, np.float32)
    spans: list[tuple[float, float]] = []
    at = rng.uniform(2, 5)
    while True:
        sound = said(voice, LINES[rng.integers(len(LINES))], folder)
        first = round(at * RATE)
        if first + len(sound) > len(out) - RATE:
            return out, np.array(spans)
        out[first : first + len(sound)] = sound
        spans.append((at, at + len(sound) / RATE))
        at = spans[-1][1] + rng.choice([rng.uniform(0.4, 1.2), rng.uniform(2.6, 8)])


def beds(rng: np.random.Generator, pieces: int) -> Iterator[tuple[str, Mono]]:
    """Make what speech is laid over, each at -20 dB of full scale."""
    count = SECONDS * RATE
    yield "nothing", np.zeros(count, np.float32)
    pink = np.fft.rfft(rng.standard_normal(count)) / np.sqrt(np.arange(1, count // 2 + 2))
    songs = sorted(Path(immich_memories_music.__file__).parent.rglob("*.opus"))
    sounds = [("pink noise", np.fft.irfft(pink))]
    sounds += [(song.stem, np.resize(decoded(song), count)) for song in songs[:: 28 // pieces]]
    for name, sound in sounds:
        yield name, (0.1 * sound / np.sqrt(np.square(sound).mean())).astype(np.float32)


def webrtc(mono: Mono) -> Spans | None:
    """Find speech with webrtcvad, most aggressive; None where it is not installed."""
    try:
        import webrtcvad  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    vad: Any = webrtcvad.Vad(3)
    pcm = (np.clip(mono, -1, 1) * 32767).astype("<i2")
    step = RATE * 30 // 1000
    frames = pcm[: len(pcm) // step * step].reshape(-1, step)
    votes = np.array([vad.is_speech(frame.tobytes(), RATE) for frame in frames], float)
    return long_enough(bridged(above(votes, 0.03, on=0.5, off=0.5), 0.3), 0.25)


def found_by(detector: str, mono: Mono) -> Spans | None:
    """Find speech one way."""
    if detector == "webrtcvad":
        return webrtc(mono)
    return hear_speech([mono[:, None]], detector=detector).intervals  # type: ignore[arg-type]


def detect(scenes: dict[tuple[str, int], Scene], levels: list[int]) -> None:
    """Print how well each way finds speech."""
    print(f"{'detector':10} {'bed at':>7} {'covered':>8} {'worst':>6} {'wrong':>6} {'F1':>6} cpu")
    for detector in ("silero", "energy", "webrtcvad"):
        for level in levels:
            rows = []
            for (_, at), scene in scenes.items():
                if at != level:
                    continue
                begun = time.process_time()
                mono = scene.speech + scene.bed
                spans = found_by(detector, mono)
                if spans is None:
                    print(f"{detector} is not installed")
                    return
                cpu = (time.process_time() - begun) / SECONDS
                both, truth = overlap(spans, scene.truth), seconds_in(scene.truth)
                wrong = (seconds_in(spans) - both) / (SECONDS - truth)
                f1 = 2 * both / (seconds_in(spans) + truth)
                rows.append((both / truth, wrong, f1, cpu))
            means = np.mean(rows, axis=0)
            print(
                f"{detector:10} {level:5} dB {means[0]:8.3f} {np.min(rows, axis=0)[0]:6.3f} "
                f"{means[1]:6.3f} {means[2]:6.3f} {means[3]:.4f}"
            )


def compressed(music: Mono, speech: Mono, settings: str, folder: Path) -> Mono:
    """Turn music down by a side-chain; where ffmpeg ends it early, silence follows."""
    for name, sound in (("music", music), ("speech", speech)):
        sound.astype("<f4").tofile(folder / f"{name}.f32")
    args = ["-v", "error"]
    for name in ("music", "speech"):
        args += ["-f", "f32le", "-ar", str(RATE), "-ac", "1", "-i", str(folder / f"{name}.f32")]
    args += ["-filter_complex", f"[0][1]sidechaincompress={settings}", "-f", "f32le", "pipe:1"]
    out = np.frombuffer(_ffmpeg.run(args)[0], "<f4")
    return np.concatenate([out, np.zeros(max(0, len(music) - len(out)), np.float32)])[: len(music)]


def power(mono: Mono) -> PowerCurve:
    """Measure mono sound."""
    return measure_power([mono[:, None]], RATE, 1)


def turn_down(scenes: dict[tuple[str, int], Scene], music: Mono, folder: Path) -> None:
    """Print how each way turns music down."""
    print(f"\n{'ducking':26} {'depth at the word':>17} {'pumping':>8} {'worst ratio':>12}")
    clean = [scene for (bed, _), scene in scenes.items() if bed == "nothing"]
    for way in ("musify", *COMPRESSORS):
        depths, moves, worst = [], [], []
        for scene in clean:
            speech = Speech(scene.truth, SECONDS)
            own = power(scene.speech)
            if way == "musify":
                heard = hear_speech([scene.speech[:, None]])
                curve = duck(heard, own=own, music=power(music))
                out = curve.apply(music[:, None], 0, RATE)[:, 0]
            else:
                out = compressed(music, scene.speech, COMPRESSORS[way], folder)
            before, after = power(music), power(out)
            gain = 10 * np.log10((after.power + 1e-12) / (before.power + 1e-12))
            worst.append(speech_to_music(speech, own, after).worst_db)
            for start, end in scene.truth:
                inside = gain[round(start / 0.02) : round(end / 0.02)]
                lasting = np.median(inside)
                if lasting < -1:
                    depths.append(float(np.clip(inside[0] / lasting, 0, 1)))
                moves.append(float(np.ptp(np.quantile(inside, [0.05, 0.95]))))
        depth = float(np.mean(depths)) if depths else 0.0
        print(f"{way:26} {depth:17.0%} {np.median(moves):8.2f} {np.min(worst):12.1f}")


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--levels", type=int, nargs="+", default=[-20, -10, -5, 0])
    parser.add_argument("--pieces", type=int, default=4, help="pieces of music to speak over")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if shutil.which("espeak-ng") is None:
        raise SystemExit("espeak-ng is needed: apt-get install espeak-ng")
    rng = np.random.default_rng(given.seed)
    with tempfile.TemporaryDirectory(prefix="musify-") as name:
        folder = Path(name)
        scenes = {}
        music = None
        for place, (bed, sound) in enumerate(beds(rng, given.pieces)):
            music = sound
            for level in given.levels:
                speech, truth = narration(rng, VOICES[place % len(VOICES)], folder)
                scenes[bed, level] = Scene(speech, sound * np.float32(10 ** (level / 20)), truth)
        assert music is not None
        detect(scenes, given.levels)
        turn_down(scenes, music, folder)


if __name__ == "__main__":
    main()
