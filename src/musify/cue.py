"""One entrance of music: which stretches of which track, from when to when, how loud."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from musify.errors import ParameterError
from musify.tracks import LONGEST_SECONDS, Track

__all__ = ["GAINS_DB", "JOINERS", "SPEEDS", "TOLERANCE", "Cue", "Joiner", "SourceRange"]

Joiner: TypeAlias = Literal["musify", "pydub"]
"""Who puts ranges together."""

JOINERS: Final[tuple[Joiner, ...]] = get_args(Joiner)
GAINS_DB: Final = (-120.0, 40.0)
SPEEDS: Final = (0.5, 2.0)
# Rounding when lengths are added up and written to JSON; a tenth of a PCM frame at 96 kHz.
TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class SourceRange:
    """A stretch of a track.

    Parameters
    ----------
    start, end : float
        Seconds from the start of the track; ``0 <= start < end``.
    speed : float, default 1
        How fast it is played, pitch and all, in [0.5, 2]; fitting keeps within 0.8 % of 1.
    crossfade : float, optional
        Seconds by which it overlaps the range before it, with gains that keep the power even
        whatever both sides have in common; the cue's ``crossfade`` when None.
    gain_db : float, default 0
        Gain at its start, in [-120, 40] dB, that fades away over ``gain_seconds``: a step in level
        is turned into a slope.
    gain_seconds : float, default 0
        Seconds, at least 0.
    joint_cost : float, default 0
        How much the joint before it changes: 0 where the song goes on as it would by itself, about
        1 between places picked at random. For people to read.
    """

    start: float
    end: float
    speed: float = 1.0
    crossfade: float | None = None
    gain_db: float = 0.0
    gain_seconds: float = 0.0
    joint_cost: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= LONGEST_SECONDS:
            raise ParameterError(
                f"a source range must be 0 <= start < end, got {self.start} to {self.end}"
            )
        for name, (low, high) in (("speed", SPEEDS), ("gain_db", GAINS_DB)):
            if not low <= getattr(self, name) <= high:
                raise ParameterError(
                    f"{name} of a source range must be in [{low:g}, {high:g}], got "
                    f"{getattr(self, name)}"
                )
        for name in ("crossfade", "gain_seconds"):
            value = getattr(self, name) or 0.0
            if not 0 <= value <= LONGEST_SECONDS:
                raise ParameterError(f"{name} of a source range must be at least 0 s, got {value}")
        if not math.isfinite(self.joint_cost):
            raise ParameterError(f"joint_cost must be finite, got {self.joint_cost}")

    @property
    def duration(self) -> float:
        """Length in the track, in seconds."""
        return self.end - self.start

    @property
    def played(self) -> float:
        """Seconds it is heard for, at its speed."""
        return self.duration / self.speed


@dataclass(frozen=True, slots=True)
class Cue:
    """One entrance of music.

    Parameters
    ----------
    start, end : float
        When it sounds, in seconds of the video.
    track : Track
        What sounds.
    sources : tuple of SourceRange
        Stretches of the track, played in order and cut off at ``end``; none goes beyond it.
        Together, less the crossfades, they last at least as long as the cue.
    fade_in, fade_out : float, default 0
        Seconds of equal-power fade at the ends of the cue.
    gain_db : float, default 0
        Gain of the whole cue, in [-120, 40] dB.
    crossfade : float, default 0
        Seconds by which neighbouring source ranges overlap, with equal power, where a range has no
        crossfade of its own.
    joined_by : {"musify", "pydub"}, default "musify"
        Who puts the ranges together. pydub does as in 2016: in 16 bits, with everything in memory,
        and one range right behind the other; then they have neither crossfade, speed nor gain.

    Raises
    ------
    ParameterError
        If times do not fit together; the message says by how much.
    """

    start: float
    end: float
    track: Track
    sources: tuple[SourceRange, ...]
    fade_in: float = 0.0
    fade_out: float = 0.0
    gain_db: float = 0.0
    crossfade: float = 0.0
    joined_by: Joiner = "musify"

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            start: float,
            end: float,
            track: Track,
            sources: Iterable[SourceRange],
            fade_in: float = 0.0,
            fade_out: float = 0.0,
            gain_db: float = 0.0,
            crossfade: float = 0.0,
            joined_by: Joiner = "musify",
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", tuple(self.sources))
        if not isinstance(self.track, Track):
            raise ParameterError(f"the track of a cue must be a Track, got {self.track!r}")
        for source in self.sources:
            if not isinstance(source, SourceRange):
                raise ParameterError(
                    f"sources must be SourceRanges, got {source!r}; write SourceRange(start, end)"
                )
        if not 0 <= self.start < self.end <= LONGEST_SECONDS:
            raise ParameterError(f"a cue must be 0 <= start < end, got {self.start} to {self.end}")
        for name in ("fade_in", "fade_out", "crossfade"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ParameterError(f"{name} must be at least 0 s, got {value}")
        if self.fade_in + self.fade_out > self.duration + TOLERANCE:
            raise ParameterError(
                f"fades of {self.fade_in:g} + {self.fade_out:g} s do not fit into a cue of "
                f"{self.duration:g} s"
            )
        if not GAINS_DB[0] <= self.gain_db <= GAINS_DB[1]:
            raise ParameterError(f"gain_db must be in [-120, 40], got {self.gain_db}")
        if not self.sources:
            raise ParameterError("a cue needs at least one source range")
        if self.joined_by not in JOINERS:
            raise ParameterError(f"joined_by must be one of {JOINERS}, got {self.joined_by!r}")
        plain = not any(self.overlaps) and all(
            source == SourceRange(source.start, source.end, crossfade=source.crossfade)
            for source in self.sources
        )
        if self.joined_by == "pydub" and not plain:
            raise ParameterError(
                "pydub joins ranges as they are: without crossfade, speed and gain; leave those "
                "out, or join by musify"
            )
        overlaps = (0.0, *self.overlaps, 0.0)
        # A range that is joined on both sides must hold both crossfades.
        for index, source in enumerate(self.sources):
            if source.end > self.track.duration + TOLERANCE:
                raise ParameterError(
                    f"source range {index} ends at {source.end:g} s, after its track, which lasts "
                    f"{self.track.duration:g} s"
                )
            before, after = overlaps[index : index + 2]
            if source.played + TOLERANCE < before + after:
                raise ParameterError(
                    f"source range {index} lasts {source.played:g} s, too short for its "
                    f"crossfades of {before:g} and {after:g} s"
                )
        if self.played + TOLERANCE < self.duration:
            raise ParameterError(
                f"the source ranges last {self.played:g} s but the cue lasts {self.duration:g} s; "
                "add a range or end the cue earlier"
            )

    @property
    def duration(self) -> float:
        """Length in the video, in seconds."""
        return self.end - self.start

    @property
    def overlaps(self) -> tuple[float, ...]:
        """Seconds by which each range overlaps the next: one less than there are ranges."""
        return tuple(
            self.crossfade if source.crossfade is None else source.crossfade
            for source in self.sources[1:]
        )

    @property
    def played(self) -> float:
        """Seconds of sound the source ranges give."""
        return math.fsum(source.played for source in self.sources) - math.fsum(self.overlaps)

    @property
    def joints(self) -> tuple[float, ...]:
        """Seconds of the video at which it jumps in its track: the middles of the crossfades."""
        found = []
        at = self.start
        for source, following, overlap in zip(
            self.sources, self.sources[1:], self.overlaps, strict=False
        ):
            at += source.played - overlap
            goes_on = overlap == 0 and abs(following.start - source.end) < TOLERANCE
            if at + overlap / 2 < self.end and not goes_on:
                found.append(at + overlap / 2)
        return tuple(found)
