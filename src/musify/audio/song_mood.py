"""How a song feels: valence and arousal over time, and whether anybody sings.

Cues are weighed and added, since that is how listeners were found to judge: Eerola, Friberg &
Bresin 2013 (doi 10.3389/fpsyg.2013.00487) varied six of them in a factorial design; mode, tempo,
register, dynamics, articulation and timbre, in this order, told the ratings without interactions.
The signs of `WEIGHTS` are theirs and those that Livingstone, Muhlberger, Brown & Thompson 2010
(Computer Music Journal 34(1), doi 10.1162/comj.2010.34.1.41) and Gabrielsson & Lindstrom 2010
(Handbook of Music and Emotion, ch. 14) found most agreement on: major, consonant, high and quick is
positive; quick, dense, loud, bright and rough is aroused. What two networks heard
(`musify.audio.song_tags`) goes through a table written by hand, ``data/song_tag_moods.csv``, whose
points follow the circumplex of Russell 1980 (doi 10.1037/h0077714) and, for words, the norms of
Warriner, Kuperman & Brysbaert 2013 (doi 10.3758/s13428-012-0314-x).

Nothing is fitted to rated music. The middles and spreads of the cues, which say where zero is, were
set by hand beside what clips composed for it and the pack of the extra "songs" (MIT licence) show.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._checks import number
from musify.audio.log_mel import SAMPLE_RATE, require_mono
from musify.audio.mood_cues import mood_cues
from musify.audio.song_tags import TAGS, SongTags
from musify.errors import ParameterError

__all__ = ["MIDDLES", "WEIGHTS", "SongMood", "song_mood"]

Floats = NDArray[np.float64]

MIDDLES: Final = {
    "major": (0.07, 0.14),
    "bright": (0.0, 0.22),
    "clarity": (0.83, 0.09),
    "register": (67.0, 4.0),
    "roughness": (-3.2, 0.5),
    "onset_rate": (1.9, 0.5),
    "flux": (-3.45, 0.45),
    "brightness": (21.5, 4.0),
    "level_db": (0.0, 6.0),
    "tempo": (0.0, 0.4),
    "tag_valence": (-0.85, 0.2),
    "tag_arousal": (-1.35, 0.48),
}
"""Middle and spread of every cue in typical music, in the units of `musify.audio.mood_cues`; tempo
in octaves from 105 beats a minute, times how clear the beat is; tags in mean log odds."""

WEIGHTS: Final = {
    "major": (0.3, 0.0),
    "bright": (0.3, 0.0),
    "clarity": (0.15, 0.0),
    "register": (0.1, 0.0),
    "roughness": (-0.1, 0.1),
    "onset_rate": (0.1, 0.45),
    "flux": (0.0, 0.25),
    "brightness": (0.0, 0.1),
    "level_db": (0.0, 0.15),
    "tempo": (0.0, 0.15),
    "tag_valence": (0.3, 0.0),
    "tag_arousal": (0.0, 0.45),
}
"""What a cue one spread above its middle adds to (valence, arousal) before squashing."""

_MOST_SPREADS: Final = 2.5
# tanh(0.7 x): one spread of everything is 0.6, near where moods like "happy" stand.
_STEEPNESS: Final = 0.7
_MIDDLE_BPM: Final = 105.0
# Words for pleasure come with pace: half of what the arousal of the tags tells is taken back.
_PACE_IN_PLEASURE: Final = 0.5
# Harmony needs some bars, rhythm a few seconds; windows of tags are 3 s long.
_HALF_SPAN_SECONDS: Final = 6.0
_VOICES: Final = tuple(
    f"mtt:{word}"
    for word in ("vocal", "vocals", "singing", "voice", "female", "male", "woman", "man")
)
_HALF_SUNG: Final = 0.2
_SUNG_STEEPNESS: Final = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class SongMood(FrozenArrays):
    """How a song feels.

    Parameters
    ----------
    valence, arousal : float
        Of the whole song, each in [-1, 1].
    times : array_like, shape (n,)
        Middles of the windows in seconds, ascending.
    plane : array_like, shape (n, 2)
        (valence, arousal) over time, each in [-1, 1].
    instrumental : float
        Probability that nobody sings, in [0, 1].

    Raises
    ------
    ParameterError
        If shapes do not fit together or a value leaves its range.
    """

    valence: float
    arousal: float
    times: NDArray[np.float64]
    plane: NDArray[np.float64]
    instrumental: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", frozen_floats("times", self.times, (None,)))
        object.__setattr__(self, "plane", frozen_floats("plane", self.plane, (len(self.times), 2)))
        if np.abs(self.plane).max(initial=0) > 1:
            raise ParameterError("valence and arousal over time must be in [-1, 1]")
        number("valence", self.valence, low=-1, high=1)
        number("arousal", self.arousal, low=-1, high=1)
        number("instrumental", self.instrumental, low=0, high=1)


def song_mood(
    mono: ArrayLike, tags: SongTags, *, bpm: float | None = None, beat_clarity: float = 0.0
) -> SongMood:
    """Say how a song feels.

    Parameters
    ----------
    mono : array_like, shape (n,)
        The sound at 16 kHz, full scale [-1, 1]: what `SongTagger.tag` was given.
    tags : SongTags
        What `SongTagger.tag` heard in it.
    bpm : float, optional
        Beats a minute, above 0; None where none is felt.
    beat_clarity : float, default 0
        How plainly a beat is felt, in [0, 1].

    Returns
    -------
    SongMood
        At the times of the tags. Silence is (0, -1) everywhere: nothing to like, nothing moves.

    Raises
    ------
    ParameterError
        When there is no sound, it has another shape or values that are not finite, or a number
        leaves its range.
    """
    sound = require_mono(mono)
    tempo = 0.0
    if bpm is not None:
        clear = number("beat_clarity", beat_clarity, low=0, high=1)
        tempo = float(np.log2(number("bpm", bpm, above=0) / _MIDDLE_BPM)) * clear
    if not sound.any():
        plane = np.tile([0.0, -1.0], (len(tags.times), 1))
        return SongMood(0.0, -1.0, tags.times, plane, 1.0)
    spans = tags.times[:, None] + [-_HALF_SPAN_SECONDS, _HALF_SPAN_SECONDS]
    # Like the tagger, repeat what is too short to have a rhythm.
    sound = np.resize(sound, max(len(sound), SAMPLE_RATE))
    whole = [[0.0, len(sound) / SAMPLE_RATE]]
    cues = mood_cues(sound, np.concatenate([spans, whole]))
    found = {name: getattr(cues, name) for name in MIDDLES if hasattr(cues, name)}
    odds = _log_odds(np.concatenate([tags.values, np.zeros((1, len(TAGS)))]))
    odds[-1] = odds[:-1].mean(axis=0)
    valence, arousal = (odds @ _tag_moods()).T
    found["tag_valence"] = valence - _PACE_IN_PLEASURE * arousal
    found["tag_arousal"] = arousal
    found["tempo"] = np.full(len(odds), tempo)
    sums = np.zeros((len(odds), 2))
    for name, (middle, spread) in MIDDLES.items():
        scaled = np.clip((found[name] - middle) / spread, -_MOST_SPREADS, _MOST_SPREADS)
        sums += scaled[:, None] * WEIGHTS[name]
    # Of harmony the whole song tells, and its parts: keys that change blur the whole.
    sums[-1] = (sums[-1] + sums[:-1].mean(axis=0)) / 2
    plane = np.tanh(_STEEPNESS * sums)
    return SongMood(
        float(plane[-1, 0]), float(plane[-1, 1]), tags.times, plane[:-1], _instrumental(tags)
    )


def _log_odds(values: Floats) -> Floats:
    # A part in a thousand is as little as these networks can mean.
    odds: Floats = np.log((values + 1e-3) / (1 - values + 1e-3))
    return odds


@cache
def _tag_moods() -> Floats:
    """Return what a tag's log odds add to (valence, arousal), shape (100, 2)."""
    text = (files("musify.audio") / "data" / "song_tag_moods.csv").read_text(encoding="utf-8")
    rows = {row["tag"]: row for row in csv.DictReader(text.splitlines())}
    points = np.array(
        [[float(rows[tag][axis]) for axis in ("valence", "arousal", "weight")] for tag in TAGS]
    )
    moods = points[:, :2] * points[:, 2:]
    found: Floats = moods / np.abs(moods).sum(axis=0)
    return found


def _instrumental(tags: SongTags) -> float:
    """Probability that nobody sings, from the windows where a voice is likeliest."""
    voice = tags.values[:, [TAGS.index(name) for name in _VOICES]].max(axis=1)
    sung = float(np.quantile(voice, 0.75))
    return float(1 / (1 + (sung / _HALF_SUNG) ** _SUNG_STEEPNESS))
