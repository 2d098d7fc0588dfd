"""Compares the coders of ffmpeg's AAC encoder: what they cost, and how far they change the sound.

The songs of immich-memories-music are decoded to PCM, encoded with each setting, decoded again and
laid on the original to the sample. Sound is then cut into windows of 43 ms, and in each third of an
octave the power of the difference is held against the power of the original. A figure is the median
or the 95th percentile over all windows, bands and songs: the median says how it sounds most of the
time, the percentile how far it goes at its worst. It is a measure of difference, not of hearing:
which part of it is masked is not asked.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import immich_memories_music
import numpy as np
from measure import measure
from numpy.typing import NDArray

from musify import _ffmpeg

OURS: Final = "twoloop 192k"
SETTINGS: Final = {
    OURS: ("-b:a", "192k"),  # what musify uses; the coder is the encoder's own default
    "fast 192k": ("-aac_coder", "fast", "-b:a", "192k"),
    "fast 256k": ("-aac_coder", "fast", "-b:a", "256k"),
}
_RATE: Final = 48_000
_WINDOW: Final = 2048
# Differences that two encoders cannot be told apart by.
SAME_DB: Final = 1.0
# A band this far under full scale is not heard under the others, and its ratio means nothing.
_SILENT_DB: Final = -80.0
_LOWEST_HZ: Final = 100.0
_BANDS: Final = 23  # to 16 kHz, where most AAC encoders stop
_LONGEST_DELAY: Final = 4096
_RANGES: Final = {
    "all": slice(None),
    "to 1 kHz": slice(0, 11),
    "1 to 4 kHz": slice(11, 17),
    "above": slice(17, None),
}

Pcm = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Coded:
    """What an encoder did to a song.

    Parameters
    ----------
    cpu_per_hour : float
        Seconds of processor for an hour of sound.
    kbps : float
        True rate of the file.
    delay : int
        PCM frames by which it came back late.
    noise_db : ndarray of shape (windows, bands)
        Noise to signal; NaN where the song is silent.
    """

    cpu_per_hour: float
    kbps: float
    delay: int
    noise_db: NDArray[np.float64]


def decode(path: Path) -> Pcm:
    """Decode a file to stereo, shape ``(n, 2)``."""
    args = ["-v", "error", "-i", str(path), "-ac", "2", "-ar", str(_RATE), "-f", "f32le", "pipe:1"]
    data, _ = _ffmpeg.run(args)
    return np.frombuffer(data, np.dtype("<f4")).reshape(-1, 2).astype(np.float32)


def code(pcm: Pcm, setting: str, folder: Path) -> Coded:
    """Encode a song and decode it again."""
    raw, coded = folder / "song.f32", folder / "song.m4a"
    raw.write_bytes(pcm.astype("<f4").tobytes())
    command = [_ffmpeg.executable(), "-v", "error", "-nostdin", "-y", "-f", "f32le"]
    command += ["-ar", str(_RATE), "-ac", "2", "-i", str(raw), "-c:a", "aac"]
    cost = measure([*command, *SETTINGS[setting], str(coded)])
    back = decode(coded)
    delay = find_delay(pcm, back)
    back = back[delay:] if delay >= 0 else np.pad(back, ((-delay, 0), (0, 0)))
    length = min(len(pcm), len(back))
    hours = len(pcm) / _RATE / 3600
    kbps = coded.stat().st_size * 8 / 1000 / (hours * 3600)
    return Coded(cost.cpu / hours, kbps, delay, noise_to_signal(pcm[:length], back[:length]))


def find_delay(pcm: Pcm, back: Pcm) -> int:
    """Return by how many PCM frames ``back`` is late, from the peak of the cross-correlation."""
    length = min(len(pcm), len(back))
    size = 2 * length
    ours, theirs = (np.fft.rfft(sound[:length].mean(axis=1), size) for sound in (pcm, back))
    correlation = np.fft.irfft(theirs * np.conj(ours), size)
    lags = np.arange(-_LONGEST_DELAY, _LONGEST_DELAY + 1)
    return int(lags[np.argmax(correlation[lags])])


def noise_to_signal(pcm: Pcm, back: Pcm) -> NDArray[np.float64]:
    """Return noise to signal in decibels, of each window and third of an octave."""
    signal, noise = (np.maximum(band_powers(sound), 1e-20) for sound in (pcm, back - pcm))
    heard = 10 * np.log10(signal) > _SILENT_DB
    ratio: NDArray[np.float64] = np.where(heard, 10 * np.log10(noise / signal), np.nan)
    return ratio


def band_powers(pcm: Pcm) -> NDArray[np.float64]:
    """Return the power in each window and third of an octave, full scale being 1."""
    count = len(pcm) // _WINDOW
    window = np.hanning(_WINDOW)
    frames = pcm[: count * _WINDOW].reshape(count, _WINDOW, 2) * window[:, None]
    spectrum = np.abs(np.fft.rfft(frames, axis=1)) ** 2 / (window.sum() / 2) ** 2
    power = spectrum.mean(axis=2)
    edges = _LOWEST_HZ * 2 ** ((np.arange(_BANDS + 1) - 0.5) / 3)
    places = np.searchsorted(np.fft.rfftfreq(_WINDOW, 1 / _RATE), edges)
    bands: NDArray[np.float64] = np.add.reduceat(power, places, axis=1)[:, :-1]
    return bands


def percentiles(coded: list[Coded]) -> NDArray[np.float64]:
    """Return the median and the 95th percentile of the noise, for each range of bands."""
    noise = np.concatenate([song.noise_db for song in coded])
    return np.array([np.nanpercentile(noise[:, bands], [50, 95]) for bands in _RANGES.values()])


def main() -> None:
    """Print a row for each setting, and whether the fast coder measures the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--songs", type=int, default=28)
    songs = sorted(immich_memories_music.tracks_dir().rglob("*.opus"))
    songs = songs[: parser.parse_args().songs]
    results: dict[str, list[Coded]] = {setting: [] for setting in SETTINGS}
    with tempfile.TemporaryDirectory() as folder:
        for song in songs:
            pcm = decode(song)
            for setting in SETTINGS:
                results[setting].append(code(pcm, setting, Path(folder)))
    print(f"{len(songs)} songs; noise to signal in dB: median, 95th percentile\n")
    print("| setting | cpu, of the first | kb/s | delay |", " | ".join(_RANGES), "|")
    print("|---|---|---|---|" + "---|" * len(_RANGES))
    figures = {setting: percentiles(coded) for setting, coded in results.items()}
    first = np.mean([song.cpu_per_hour for song in results[OURS]])
    for setting, coded in results.items():
        cpu = np.mean([song.cpu_per_hour for song in coded])
        kbps = np.mean([song.kbps for song in coded])
        delays = sorted({song.delay for song in coded})
        noise = " | ".join(f"{median:.1f}, {worst:.1f}" for median, worst in figures[setting])
        print(f"| {setting} | {cpu:.0f} s/h, {cpu / first:.2f} | {kbps:.0f} | {delays} | {noise} |")
    print()
    for setting in SETTINGS:
        most = float((figures[setting] - figures[OURS]).max())
        verdict = "the same" if most <= SAME_DB else "worse"
        print(f"{setting}: at most {most:+.1f} dB against {OURS}: measures {verdict}")


if __name__ == "__main__":
    main()
