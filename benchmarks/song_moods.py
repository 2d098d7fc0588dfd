"""Measures the mood of songs where it is plain: the pack's folders, and songs made on the spot.

    python benchmarks/song_moods.py

The pack is that of the extra "songs": each folder is named after a mood, and its songs were made to
order by a network that had the word, not by people who felt it. Of songs made on the spot, the mode
says the valence (major, lydian; minor, phrygian) and pace with drums the arousal; they are plain
synthesis, so this shows whether signs are right, not how well people are met.

Printed are accuracy by the sign and the area under the curve (AUC, 0.5 is chance), processor
seconds for a minute, and the middle of each axis. No tempo is given: that of the analysis adds to
the arousal.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musify.audio.log_mel import SAMPLE_RATE
from musify.audio.pcm import decode_range
from musify.audio.song_mood import SongMood, song_mood
from musify.audio.song_tags import SongTagger
from musify.errors import AudioDecodeError
from musify.testing.generated_songs import generated_song

# (valence, arousal) by sign; 0 is not plain, and is not counted.
FOLDERS = {"happy": (1, 1), "energetic": (1, 1), "calm": (1, -1), "tender": (1, -1)}
FOLDERS["nostalgic"] = (0, -1)
MODES = {"major": 1, "lydian": 1, "minor": -1, "phrygian": -1}
PACES = {(66.0, False): -1, (72.0, False): -1, (138.0, True): 1, (150.0, True): 1}

Rated = tuple[str, NDArray[np.float32], tuple[int, int]]


def pack() -> Iterator[Rated]:
    """Yield the songs of the pack, at 16 kHz."""
    import immich_memories_music

    for path in sorted(Path(immich_memories_music.__file__).parent.rglob("*.opus")):
        parts: list[NDArray[np.float32]] = []
        with suppress(AudioDecodeError):  # it ends before the end of time, as all do
            parts.extend(decode_range(path, 0, 1 << 40, SAMPLE_RATE))
        yield path.stem, np.concatenate(parts).mean(axis=1), FOLDERS[path.parent.name]


def made() -> Iterator[Rated]:
    """Yield songs made on the spot, at 16 kHz."""
    tonics = ("C", "F#", "A", "D#")
    for seed, ((mode, valence), ((bpm, drums), arousal)) in enumerate(
        product(MODES.items(), PACES.items())
    ):
        song = generated_song(
            seed,
            bpm=bpm,
            key=f"{tonics[seed % 4]} {mode}",
            drums=drums,
            form="AABA",
            bars_per_section=4,
            sample_rate=SAMPLE_RATE,
        )
        yield f"{song.key} {bpm:g}", song.pcm.mean(axis=1), (valence, arousal)


def auc(values: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Return how often a positive song stands above a negative one."""
    if positive.all() or not positive.any():
        return float("nan")
    return float(np.mean(values[positive][:, None] > values[~positive]))


def report(name: str, songs: Iterator[Rated]) -> None:
    """Print the figures of one set."""
    tagger = SongTagger()
    moods: list[SongMood] = []
    truths, seconds, spent = [], 0.0, 0.0
    for title, mono, truth in songs:
        start = time.process_time()
        moods.append(song_mood(mono, tagger.tag(mono)))
        spent += time.process_time() - start
        seconds += len(mono) / SAMPLE_RATE
        truths.append(truth)
        print(f"    {title:34} {moods[-1].valence:+.2f} {moods[-1].arousal:+.2f}  wanted {truth}")
    found = np.array([(mood.valence, mood.arousal) for mood in moods])
    wanted = np.array(truths)
    plain = wanted != 0
    right = (found > 0) == (wanted > 0)
    print(f"{name}: {len(moods)} songs, {spent / seconds * 60:.2f} s cpu a minute")
    for axis, word in enumerate(("valence", "arousal")):
        values, signs = found[plain[:, axis], axis], wanted[plain[:, axis], axis] > 0
        print(
            f"  {word}: accuracy {right[plain[:, axis], axis].mean():.0%}, "
            f"AUC {auc(values, signs):.2f}, middle {np.median(found[:, axis]):+.2f}"
        )
    both = plain.all(axis=1)
    sung = np.mean([mood.instrumental for mood in moods])
    print(f"  quadrant {right[both].all(axis=1).mean():.0%}; nobody sings: {sung:.2f}")


if __name__ == "__main__":
    report("pack", pack())
    report("made on the spot", made())
