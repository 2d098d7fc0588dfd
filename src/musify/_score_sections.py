"""The sections of a composed piece, as listeners meet them: in seconds, with their moods."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from musify.cues import CueSheet

if TYPE_CHECKING:
    from musify.composer.score import Score

__all__ = ["PlayedSection", "played_sections", "sections_of"]


@dataclass(frozen=True, slots=True)
class PlayedSection:
    """A section; where the last one ends, the last chord begins to ring.

    Parameters
    ----------
    start, end : float
        In seconds.
    name : str
        Which part of the form, such as ``"A theme"``.
    key : str
        Such as ``"D minor"``.
    bpm : float
        Its tempo at its start.
    mood : str
        What the picture was taken for, at the middle of the section; "" where nobody knows.
    point : tuple of (float, float)
        Valence and arousal.
    """

    start: float
    end: float
    name: str
    key: str
    bpm: float
    mood: str
    point: tuple[float, float]


def played_sections(score: "Score") -> list[PlayedSection]:
    """List the sections."""
    listed = []
    timeline = None if score.commission is None else score.commission.timeline
    for section in score.sections:
        start, end = score.tempo.seconds_at([section.start, section.end]).tolist()
        listed.append(
            PlayedSection(
                start,
                end,
                f"{section.name} {section.role}",
                section.key.name,
                float(score.tempo.bpm_at(section.start)),
                "" if timeline is None else timeline.at((start + end) / 2).label,
                (section.valence, section.arousal),
            )
        )
    return listed


def sections_of(sheet: CueSheet) -> Iterator[tuple[int, list[PlayedSection]]]:
    """Give the sections of each cue that plays a composed piece from its beginning.

    Yields
    ------
    place : int
        Which cue.
    sections : list of PlayedSection
        In seconds of the video, as far as the cue plays them; at least one.
    """
    for place, cue in enumerate(sheet.cues):
        score = cue.track.score
        if score is None or len(cue.sources) != 1 or cue.sources[0].start != 0:
            continue
        speed = cue.sources[0].speed
        moved = [
            replace(one, start=start, end=min(cue.start + one.end / speed, cue.end))
            for one in played_sections(score)
            if (start := cue.start + one.start / speed) < cue.end
        ]
        if moved:
            yield place, moved
