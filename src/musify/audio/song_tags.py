"""What a song is like, in words: the tags of two networks that musify ships, over time.

Both are musicnn (Pons & Serra 2019, arXiv 1909.06654; ISC licence), one trained on the Million Song
Dataset (`MSD_TAGS`: genres, moods, decades), one on MagnaTagATune (`MTT_TAGS`: instruments, tempo,
loudness, voices); where the weights come from stands in NOTICE, and
``tools/convert_song_tagger.py`` makes the files. They run in onnxruntime, which is loaded on the
first use.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._checks import whole_number
from musify._onnx_file import OnnxFile
from musify.audio.log_mel import BANDS, HOP, SAMPLE_RATE, log_mel, require_mono
from musify.cancelling import checkpoint
from musify.errors import ParameterError

__all__ = ["MSD_TAGS", "MTT_TAGS", "TAGS", "SongTagger", "SongTags"]

_MSD: Final = (
    "rock|pop|alternative|indie|electronic|female vocalists|dance|00s|alternative rock|jazz|"
    "beautiful|metal|chillout|male vocalists|classic rock|soul|indie rock|mellow|electronica|80s|"
    "folk|90s|chill|instrumental|punk|oldies|blues|hard rock|ambient|acoustic|experimental|"
    "female vocalist|guitar|hip-hop|70s|party|country|easy listening|sexy|catchy|funk|electro|"
    "heavy metal|progressive rock|60s|rnb|indie pop|sad|house|happy"
)
_MTT: Final = (
    "guitar|classical|slow|techno|strings|drums|electronic|rock|fast|piano|ambient|beat|violin|"
    "vocal|synth|female|indian|opera|male|singing|vocals|no vocals|harpsichord|loud|quiet|flute|"
    "woman|male vocal|no vocal|pop|soft|sitar|solo|man|classic|choir|voice|new age|dance|"
    "male voice|female vocal|beats|harp|cello|no voice|weird|country|metal|female voice|choral"
)

MSD_TAGS: Final = tuple(_MSD.split("|"))
"""Tags of the network of the Million Song Dataset, in the order of its outputs."""

MTT_TAGS: Final = tuple(_MTT.split("|"))
"""Tags of the network of MagnaTagATune, in the order of its outputs."""

TAGS: Final = (*(f"msd:{tag}" for tag in MSD_TAGS), *(f"mtt:{tag}" for tag in MTT_TAGS))
"""All columns of `SongTags.values`: where both networks know a word, they mean it differently."""

_FILES: Final = (
    ("musicnn_msd.onnx", "93047359d3ee0f9452b74e03d4a2ca1015427adefb714536ae8049d867c53447"),
    ("musicnn_mtt.onnx", "7202c881985afcfce93bce08d4b2663ea24a79594d9eafc46fcf6e3a9f366810"),
)
WINDOW_FRAMES: Final = 187
"""Frames of the spectrogram that the networks look at: 2.99 s."""

_WINDOW_SECONDS: Final = WINDOW_FRAMES * HOP / SAMPLE_RATE
_MOST_WINDOWS: Final = 28
# One by one they stay in the processor's cache: 36 ms each, 47 ms in batches of eight.
_BATCH: Final = 2
# How loud a file is says how it was made, not what it plays, and the networks hear the difference:
# sound is brought to -18 dB (mean square of what is heard) first.
_LEVEL: Final = 10**-1.8
_QUIET: Final = 0.01  # of the loudest quarter of a second, in amplitude
_BLOCK: Final = SAMPLE_RATE // 4


@dataclass(frozen=True, slots=True, eq=False)
class SongTags(FrozenArrays):
    """What the networks heard.

    Parameters
    ----------
    times : array_like, shape (n,)
        Middles of the windows in seconds, ascending; at least one.
    values : array_like, shape (n, 100)
        Probability of each of `TAGS`, in [0, 1].

    Raises
    ------
    ParameterError
        If shapes do not fit together or a probability leaves its range.
    """

    times: NDArray[np.float64]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", frozen_floats("times", self.times, (None,)))
        shape = (len(self.times), len(TAGS))
        object.__setattr__(self, "values", frozen_floats("values", self.values, shape))
        if not len(self.times) or (np.diff(self.times) <= 0).any():
            raise ParameterError("times of tags must ascend, and there must be one")
        if self.values.min() < 0 or self.values.max() > 1:
            raise ParameterError("probabilities of tags must be in [0, 1]")

    @property
    def mean(self) -> dict[str, float]:
        """Probability of each word over the song; where both networks know it, their mean."""
        words: dict[str, list[float]] = {}
        for tag, value in zip(TAGS, self.values.mean(axis=0), strict=True):
            words.setdefault(tag.partition(":")[2], []).append(float(value))
        return {word: float(np.mean(values)) for word, values in words.items()}


class SongTagger:
    """Says what a song is like with the networks that musify ships.

    They are loaded on the first song. An instance can be copied and pickled; the copy loads them
    again. Results do not depend on the number of threads.

    Parameters
    ----------
    threads : int, default 1
        How many threads a run may use, at least 1.

    Raises
    ------
    ParameterError
        When `threads` is below 1.
    """

    def __init__(self, *, threads: int = 1) -> None:
        threads = whole_number("threads", threads, low=1)
        self._networks = [
            OnnxFile("musify.audio", name, sha256, threads=threads) for name, sha256 in _FILES
        ]

    def tag(self, mono: ArrayLike) -> SongTags:
        """Listen to windows of 3 s, at most 28 of them, spread evenly over the song.

        Parameters
        ----------
        mono : array_like, shape (n,)
            The sound at 16 kHz, full scale [-1, 1]; its level does not matter, and what is shorter
            than a window is repeated.

        Returns
        -------
        SongTags

        Raises
        ------
        ParameterError
            When there is no sound, or it has another shape or values that are not finite.
        BackendError
            When a network or onnxruntime is missing, damaged or fails.
        """
        mel = log_mel(_levelled(require_mono(mono)))
        if len(mel) < WINDOW_FRAMES:
            mel = np.resize(mel, (WINDOW_FRAMES, BANDS))
        last = len(mel) - WINDOW_FRAMES
        count = min(_MOST_WINDOWS, last // WINDOW_FRAMES + 1)
        # Of a song of one window and a half, the middle is listened to; of longer ones, the ends.
        starts = np.linspace(0, last, count) if count > 1 else np.array([last / 2])
        starts = starts.round().astype(int)
        values = np.empty((count, len(TAGS)))
        for first in range(0, count, _BATCH):
            checkpoint()
            part = slice(first, first + _BATCH)
            batch = np.stack([mel[start : start + WINDOW_FRAMES] for start in starts[part]])
            outputs = [network.run(["tags"], {"mel": batch})[0] for network in self._networks]
            values[part] = np.concatenate(outputs, axis=1)
        times = starts * HOP / SAMPLE_RATE + _WINDOW_SECONDS / 2
        return SongTags(times, np.clip(values, 0, 1))


def _levelled(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    blocks = np.resize(sound, max(1, len(sound) // _BLOCK) * _BLOCK).reshape(-1, _BLOCK)
    power = np.mean(blocks.astype(np.float64) ** 2, axis=1)
    loudest = power.max()
    if loudest == 0:
        return sound
    heard = power[power > loudest * _QUIET].mean()
    return sound * np.float32(np.sqrt(_LEVEL / heard))
