"""A score: every note of a piece, as plain data."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._ffmpeg import StrPath
from musify.composer.commission import Commission
from musify.composer.form.section import Section
from musify.composer.tempo import TempoMap
from musify.composer.theory.chords import Chord
from musify.errors import ParameterError

if TYPE_CHECKING:
    from musify.soundtrack import Soundtrack

__all__ = ["PART_ROLES", "SPACES", "Notes", "Part", "PartRole", "Score"]

PartRole = Literal[
    "melody", "counter", "harmony", "pad", "arpeggio", "ostinato", "bass", "drums", "effects"
]
PART_ROLES: Final[tuple[PartRole, ...]] = get_args(PartRole)

SPACES: Final = ("room", "chamber", "hall", "plate")
"""Where music may sound: what its reverb is like."""


@dataclass(frozen=True, slots=True, eq=False)
class Notes(FrozenArrays):
    """Notes of one instrument, in the order in which they begin.

    Parameters
    ----------
    onset : array_like of shape (n,)
        Where they begin by notation, in beats from the beginning of the piece; ascending.
    duration : array_like of shape (n,)
        How long they are held, in beats; above 0. Articulation is in it: staccato is short.
    pitch : array_like of shape (n,)
        MIDI note numbers, whole, 0 to 127; of drums what General MIDI's percussion map says.
    velocity : array_like of shape (n,)
        MIDI velocities, 1 to 127.
    shift : array_like of shape (n,), optional
        Seconds by which playing differs from notation: humanised timing, strums; 0 by default.
    """

    onset: NDArray[np.float64]
    duration: NDArray[np.float64]
    pitch: NDArray[np.float64]
    velocity: NDArray[np.float64]
    shift: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            onset: ArrayLike,
            duration: ArrayLike,
            pitch: ArrayLike,
            velocity: ArrayLike,
            shift: ArrayLike = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        onset = frozen_floats("onset", self.onset, (None,))
        count = len(onset)
        duration = frozen_floats("duration", self.duration, (count,))
        pitch = frozen_floats("pitch", self.pitch, (count,))
        velocity = frozen_floats("velocity", self.velocity, (count,))
        given = self.shift if np.size(self.shift) else np.zeros(count)
        shift = frozen_floats("shift", given, (count,))
        if count:
            if onset[0] < 0 or (np.diff(onset) < 0).any():
                raise ParameterError("onsets of notes must ascend from 0 or later")
            if duration.min() <= 0:
                raise ParameterError(f"a note must last above 0 beats, got {duration.min()}")
            if pitch.min() < 0 or pitch.max() > 127 or (pitch != np.round(pitch)).any():
                raise ParameterError("pitches must be whole numbers from 0 to 127")
            if velocity.min() < 1 or velocity.max() > 127:
                raise ParameterError("velocities must be from 1 to 127")
        for name, value in (
            ("onset", onset),
            ("duration", duration),
            ("pitch", pitch),
            ("velocity", velocity),
            ("shift", shift),
        ):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.onset)


@dataclass(frozen=True, slots=True, eq=False)
class Part(FrozenArrays):
    """What one instrument plays.

    Parameters
    ----------
    name : str
        Unlike every other part's, such as ``"melody"`` or ``"strings"``.
    role : str
        One of ``PART_ROLES``: the mixer lowers ``melody`` and ``counter`` first under speech.
    instrument : str
        Name in the instrument pack, such as ``"piano"``; of drums a kit.
    notes : Notes
        What is played.
    gain_db : float, default 0
        In [-60, 20].
    pan : float, default 0
        From -1 (left) to 1 (right).
    reverb : float, default 0.2
        Share that is sent to the reverb, in [0, 1].
    pedal : array_like of shape (m, 2), optional
        From and to which beat the sustain pedal is down.
    expression : array_like of shape (e, 2), optional
        Swells: beats, ascending, and gains in [0, 1], straight lines between; 1 without any.
    """

    name: str
    role: PartRole
    instrument: str
    notes: Notes
    gain_db: float = 0.0
    pan: float = 0.0
    reverb: float = 0.2
    pedal: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    expression: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))

    def __post_init__(self) -> None:
        if self.role not in PART_ROLES:
            raise ParameterError(
                f"role of a part must be one of {', '.join(PART_ROLES)}, got {self.role!r}"
            )
        for name, low, high in (("gain_db", -60, 20), ("pan", -1, 1), ("reverb", 0, 1)):
            if not low <= getattr(self, name) <= high:
                raise ParameterError(
                    f"{name} of a part must be in [{low}, {high}], got {getattr(self, name)}"
                )
        for name in ("pedal", "expression"):
            object.__setattr__(self, name, frozen_floats(name, getattr(self, name), (None, 2)))


# What was rendered of a score is kept as long as the score is: see audio/score_sound.py.
@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Score(FrozenArrays):
    """A piece of music, written down.

    Parameters
    ----------
    duration : float
        Seconds of the whole; rendered it is exactly so long.
    tempo : TempoMap
        When beats fall.
    sections : tuple of Section
        The form.
    chords : tuple of Chord
        The harmony, from the first beat to the final chord.
    parts : tuple of Part
        What is played.
    style : str
        Name of the style it was written in.
    seed : int
        What it grew from.
    version : str
        Version of musify that wrote it.
    hits : array_like of shape (n,), optional
        Beats that cuts of the video fall on.
    space : str, default "hall"
        Its reverb: one of :data:`SPACES`, as the style says.
    commission : Commission, optional
        What it was composed for; without it no section can be written anew.
    """

    duration: float
    tempo: TempoMap
    sections: tuple[Section, ...]
    chords: tuple[Chord, ...]
    parts: tuple[Part, ...]
    style: str
    seed: int
    version: str
    hits: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    space: str = "hall"
    commission: Commission | None = None

    def __post_init__(self) -> None:
        if not self.duration > 0:
            raise ParameterError(f"duration of a score must be above 0 s, got {self.duration}")
        if self.space not in SPACES:
            raise ParameterError(
                f"space of a score must be one of {', '.join(SPACES)}, got {self.space!r}"
            )
        for name in ("sections", "chords", "parts"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "hits", frozen_floats("hits", self.hits, (None,)))
        names = [part.name for part in self.parts]
        if len(set(names)) < len(names):
            raise ParameterError(f"parts of a score need names of their own, got {names}")

    def __eq__(self, other: object) -> bool:
        """Whether another score is the same in every value."""
        if not isinstance(other, Score):
            return NotImplemented
        return self is other or self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.style, self.seed, self.duration, len(self.parts)))

    def __repr__(self) -> str:
        notes = sum(len(part.notes) for part in self.parts)
        return (
            f"Score({self.style}, {self.duration:g} s, {len(self.sections)} sections, "
            f"{len(self.parts)} parts, {notes} notes, seed {self.seed})"
        )

    @property
    def title(self) -> str:
        """What it may be called, such as ``"Cinematic in D minor"``."""
        words = self.style.capitalize() or "Music"
        return f"{words} in {self.sections[0].key.name}" if self.sections else words

    @property
    def file_name(self) -> str:
        """What a file of it may be called, without an ending: another score, another name."""
        from musify.composer.score_json import dump_score  # noqa: PLC0415 - it imports this module

        digest = hashlib.blake2b(dump_score(self).encode(), digest_size=4).hexdigest()
        return f"{self.title.lower().replace(' ', '-').replace('#', '-sharp')}-{digest}"

    @property
    def credit(self) -> str:
        """One line that says what wrote it, so that it can be written again, and that it is free.

        The maker of the program claims no right in what it writes: it is given to the public domain
        (CC0 1.0), so that no name need be given either.
        """
        how = f"style {self.style}, seed {self.seed}" if self.style else f"seed {self.seed}"
        maker = f"musify {self.version}".strip()
        return f"“{self.title}”, composed by {maker} ({how}); free to use (CC0-1.0)"

    def to_dict(self) -> dict[str, Any]:
        """Describe the score as it stands in JSON."""
        from musify.composer.score_json import score_to_dict  # noqa: PLC0415 - it imports this

        return score_to_dict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> "Score":
        """Read what :meth:`to_dict` gave.

        Raises
        ------
        ParameterError
            If a key is unknown or missing, or a value wrong; the message gives its path, such as
            ``parts[2].notes[17]``.
        """
        from musify.composer.score_json import score_from_dict  # noqa: PLC0415 - it imports this

        return score_from_dict(document)

    def save(self, path: StrPath, *, overwrite: bool = False) -> Path:
        """Write the score to a file, as JSON.

        Raises
        ------
        OutputError
            If the file exists and ``overwrite`` is False, or it cannot be written.
        """
        from musify.composer.score_files import save_score  # noqa: PLC0415 - it imports this

        return save_score(self, path, overwrite=overwrite)

    @classmethod
    def load(cls, path: StrPath) -> "Score":
        """Read a score from a file.

        Raises
        ------
        ParameterError
            If the file cannot be read or does not hold a score.
        """
        from musify.composer.score_files import load_score  # noqa: PLC0415 - it imports this

        return load_score(path)

    def soundtrack(
        self, sample_rate: int = 48_000, *, soundfont: StrPath | None = None
    ) -> "Soundtrack":
        """Play the score.

        Parameters
        ----------
        sample_rate : int, default 48000
            PCM frames a second.
        soundfont : path-like, optional
            A SoundFont (.sf2 or .sf3) to play it with; the instruments that are shipped by default.

        Returns
        -------
        Soundtrack
            Stereo, at -16 LUFS, exactly ``round(duration * sample_rate)`` PCM frames. Nothing is
            rendered before its blocks are asked for, and the same sound each time.

        Raises
        ------
        ParameterError
            If an instrument is missing, or the SoundFont cannot be read.
        """
        from musify.composer.playing import played  # noqa: PLC0415 - rendering loads what it needs

        return played(self, sample_rate, soundfont)

    def to_midi(self, path: StrPath, *, overwrite: bool = False) -> Path:
        """Write the score as a MIDI file (type 1), which plays in time with its sound.

        Parameters
        ----------
        path : path-like
            What to write, usually ``.mid``.
        overwrite : bool, default False
            Whether a file that stands there may be replaced.

        Raises
        ------
        ParameterError
            If a part names an instrument that the catalogue lacks.
        OutputError
            If the file cannot be written.
        """
        from musify.composer.score_files import save_midi  # noqa: PLC0415 - it imports this

        return save_midi(self, path, overwrite=overwrite)
