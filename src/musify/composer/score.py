"""A score: every note of a piece, as plain data."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._ffmpeg import StrPath
from musify.composer.commission import Commission
from musify.composer.form.section import Section
from musify.composer.part import LEAD_ROLES, PART_ROLES, Notes, Part, PartRole
from musify.composer.tempo import TempoMap
from musify.composer.theory.chords import Chord
from musify.errors import ParameterError

if TYPE_CHECKING:
    from musify.progress import ProgressCallback
    from musify.soundtrack import Soundtrack

__all__ = ["PART_ROLES", "SPACES", "Notes", "Part", "PartRole", "Score"]

SPACES: Final = ("room", "chamber", "hall", "plate")
"""Where music may sound: what its reverb is like."""


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
    space : {"room", "chamber", "hall", "plate"}, default "hall"
        Its reverb, as the style says.
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
        ParameterError
            If the name does not end with ``.json``.
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

    @property
    def has_lead(self) -> bool:
        """Whether anything of it is a melody or a counter-melody."""
        return any(part.role in LEAD_ROLES and len(part.notes) for part in self.parts)

    def lead(
        self,
        sample_rate: int = 48_000,
        *,
        soundfont: StrPath | None = None,
        on_progress: "ProgressCallback | None" = None,
    ) -> "Soundtrack":
        """Play melody and counter-melody alone, as they go into :meth:`soundtrack`.

        What is left when they are taken from the whole is the accompaniment. The whole is played
        once to learn how loud that is.

        Parameters
        ----------
        sample_rate, soundfont
            As for :meth:`soundtrack`.
        on_progress : callable, optional
            Called with :class:`Progress`, stage ``"play"``.
        """
        from musify.composer.playing import played_lead  # noqa: PLC0415 - loads what it needs

        return played_lead(self, sample_rate, soundfont, on_progress)

    def rewritten(
        self, section: int, seed: int, *, on_progress: "ProgressCallback | None" = None
    ) -> "Score":
        """Write one section anew; the others stay as they are, note for note.

        Parameters
        ----------
        section : int
            Which of ``sections``, counted from 0. The final chord belongs to the last.
        seed : int
            What the section grows from.
        on_progress : callable, optional
            Called with :class:`Progress`, stage ``"compose"``.

        Raises
        ------
        ParameterError
            If there is no such section, or the score does not say what it was composed for.
        """
        from musify.composer.rewriting import rewritten  # noqa: PLC0415 - it imports this module

        return rewritten(self, section, seed, on_progress)

    def write_stems(
        self,
        folder: StrPath,
        *,
        sample_rate: int = 48_000,
        soundfont: StrPath | None = None,
        overwrite: bool = False,
        on_progress: "ProgressCallback | None" = None,
    ) -> tuple[Path, ...]:
        """Write each group of parts as a file of its own, as they go into the mix.

        Parameters
        ----------
        folder : path-like
            Where to write; it is made if it is missing.
        sample_rate : int, default 48000
            PCM frames a second.
        soundfont : path-like, optional
            As for :meth:`soundtrack`.
        overwrite : bool, default False
            Whether files that stand there may be replaced.
        on_progress : callable, optional
            Called with :class:`Progress`: stage ``"play"``, then ``"stems"`` for each file.

        Returns
        -------
        tuple of Path
            Such as ``melody.wav``, ``harmony.wav``, ``bass.wav``, ``drums.wav``, those that play.
            Added up they are the piece before its limiter.

        Raises
        ------
        OutputError
            If a file exists and ``overwrite`` is False, or cannot be written; then none is.
        """
        from musify.composer.score_files import save_stems  # noqa: PLC0415 - it imports this module

        return save_stems(
            self,
            folder,
            sample_rate=sample_rate,
            soundfont=soundfont,
            overwrite=overwrite,
            on_progress=on_progress,
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the notes as a piano roll, with sections, chords and cuts.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default on a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from musify._score_picture import draw_score  # noqa: PLC0415 - the extra "plot"

        return draw_score(self, ax)

    def _repr_html_(self) -> str:
        from musify._score_picture import score_html  # noqa: PLC0415 - only notebooks need it

        return score_html(self)

    def to_midi(
        self,
        path: StrPath,
        *,
        overwrite: bool = False,
        on_progress: "ProgressCallback | None" = None,
    ) -> Path:
        """Write the score as a MIDI file (type 1), which plays in time with its sound.

        Parameters
        ----------
        path : path-like
            What to write, usually ``.mid``.
        overwrite : bool, default False
            Whether a file that stands there may be replaced.
        on_progress : callable, optional
            Called with :class:`Progress`, stage ``"save"``, in parts.

        Raises
        ------
        ParameterError
            If a part names an instrument that the catalogue lacks.
        OutputError
            If the file cannot be written.
        """
        from musify.composer.score_files import save_midi  # noqa: PLC0415 - it imports this

        return save_midi(self, path, overwrite=overwrite, on_progress=on_progress)
