"""Choosing songs for a video, with reasons."""

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify.errors import NoSuitableTrackError
from musify.interfaces import SongLibrary
from musify.libraries import usable_songs
from musify.notices import notify
from musify.scene_changes import stretches_of_one_song
from musify.song_axes import AXES, Stretch, axis_costs, speech_intervals, total
from musify.song_table import SongTable, has_mood
from musify.timeline import MoodTimeline
from musify.tracks import Track
from musify.wishes import Wishes, licence_limits, named_songs

__all__ = ["Candidate", "Chooser", "Chosen", "Reason", "SpeechGiven"]

Floats = NDArray[np.float64]
SpeechGiven = ArrayLike | Callable[[], ArrayLike] | None
"""Intervals of speech in seconds, shape ``(k, 2)``; what finds them when asked; or None."""

# Farther than this no song has the mood of a scene: the known moods are about 1 apart. What
# accompanies a scene with the wrong mood changes how it is understood and remembered (Boltz,
# "Musical soundtracks as a schematic influence", Music Perception 18(4), 2001).
_MISFIT: Final = 0.8
_SHORTEST_GAP: Final = 5.0  # seconds; a piece of music that is shorter is none
_QUIET_POINT: Final = (0.0, -0.5)  # calm and neither glad nor sad: it says least
_QUIET_REACH: Final = 0.5
# Where songs are about as likely to be sung, it does not matter where somebody speaks.
_TELLING: Final = 0.5


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks against a song on one axis.

    Parameters
    ----------
    axis : str
        Such as ``"mood"``, ``"tempo"`` or ``"length"``.
    cost : float
        What it adds to the distance; at least 0, and 0 where nothing speaks against the song.
    words : str
        The facts, for people.
    """

    axis: str
    cost: float
    words: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A song that was weighed for a video.

    Parameters
    ----------
    track : Track
        The song.
    distance : float
        How badly it fits, in units of the valence-arousal plane: the sum of the reasons' costs.
    reasons : tuple of Reason
        One for each axis, always all of them and in the same order.
    """

    track: Track
    distance: float
    reasons: tuple[Reason, ...]

    def reason(self, axis: str) -> Reason:
        """Return the reason of an axis.

        Raises
        ------
        KeyError
            If no axis is called so.
        """
        for one in self.reasons:
            if one.axis == axis:
                return one
        raise KeyError(axis)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The song for a stretch of video.

    Parameters
    ----------
    stretch : Stretch
        Where it plays.
    candidate : Candidate
        The song, and why.
    quiet : bool
        Whether it was taken only since nothing fits and it disturbs least.
    gap : bool
        Whether nothing fits and music is to be composed instead; the song is the nearest.
    """

    stretch: Stretch
    candidate: Candidate
    quiet: bool = False
    gap: bool = False


class Chooser:
    """Weighs the songs of a library for one timeline.

    Parameters
    ----------
    timeline : MoodTimeline
        The mood of the video over time.
    library : SongLibrary or None
        What to choose from.
    wishes : Wishes
        What the user wants.
    seed : int
        What chance is derived from.
    max_distance : float or None
        Refuse songs whose mood is farther away.
    recent : sequence of str
        Titles or paths of songs that were used lately.
    speech : array_like, callable or None
        Where somebody speaks; a callable is asked only where it makes a difference.
    leaves_gaps : bool
        Whether stretches of 5 s or more for which no song has the mood are left for something else.

    Raises
    ------
    EmptyLibraryError
        If there is no song.
    NoSuitableTrackError
        If the wishes or licences leave none, or none has a mood.
    """

    def __init__(
        self,
        timeline: MoodTimeline,
        library: SongLibrary | None,
        *,
        wishes: Wishes,
        seed: int = 0,
        max_distance: float | None = None,
        recent: Sequence[str] = (),
        speech: SpeechGiven = None,
        leaves_gaps: bool = False,
    ) -> None:
        self.timeline = timeline
        self.leaves_gaps = leaves_gaps
        self.wishes = wishes
        self.max_distance = max_distance
        granted = wishes.granted(usable_songs(library))
        self.songs = SongTable.of(_with_moods(granted, asked_for=bool(wishes.song)))
        if callable(speech):
            speech = speech() if len(self.songs) and np.ptp(self.songs.sung) > _TELLING else None
        self.speech = None if speech is None else speech_intervals(speech)
        self.moods = self.songs.mood_distances(timeline)
        look = zlib.crc32(timeline.plane.tobytes() + timeline.edges.tobytes())
        self.chance = self.songs.chance(seed, look)
        self.recent = self._used_lately(recent)

    def choose(self) -> list[Chosen]:
        """Choose a song for each stretch whose mood is its own.

        Raises
        ------
        NoSuitableTrackError
            If no song is within ``max_distance``, or not that few are.
        """
        weight = np.diff(self.timeline.edges) * np.maximum(self.timeline.confidence, 0.3)
        allowed = self._allowed(self.moods)
        weighed = allowed
        if self.leaves_gaps:  # what is composed fits, but songs that are near are preferred
            limits = np.full((len(allowed), 1), self._misfit)
            weighed = np.concatenate([allowed, limits], axis=1)
        parts = stretches_of_one_song(weighed, weight, self.wishes.max_cues)
        if parts is None:
            self._refuse(allowed)
        played = np.zeros(len(self.songs))
        chosen: list[Chosen] = []
        before: int | None = None
        for first, last in parts or ():
            stretch = Stretch.of(self.timeline, first, last, self.speech)
            costs = self._costs(stretch, played=played, before=before)
            barred = np.isinf(allowed[first:last]).any(axis=0)
            best = int(np.where(barred, np.inf, total(costs)).argmin())
            if self._is_gap(stretch, float(costs["mood"][best])):
                chosen.append(Chosen(stretch, self._candidate(best, costs, stretch), gap=True))
                before = None
                continue
            quiet = self._quieter(costs, best)
            place = best if quiet is None else quiet
            if place != before:
                played[place] += 1
            chosen.append(
                Chosen(stretch, self._candidate(place, costs, stretch), quiet is not None)
            )
            before = place
        self._tell(chosen)
        return chosen

    def rank(self, count: int) -> tuple[Candidate, ...]:
        """Return the songs that would fit best alone under the whole video, the best first."""
        stretch = Stretch.of(self.timeline, 0, len(self.timeline), self.speech)
        costs = self._costs(stretch)
        distance = total(costs)
        if self.max_distance is not None:
            distance = np.where(costs["mood"] > self.max_distance, np.inf, distance)
        order = [int(place) for place in np.argsort(distance, kind="stable")[:count]]
        order = [place for place in order if np.isfinite(distance[place])]
        if not order:
            self._refuse(np.full_like(self.moods, np.inf))
        return tuple(self._candidate(place, costs, stretch) for place in order)

    def _costs(
        self, stretch: Stretch, *, played: Floats | None = None, before: int | None = None
    ) -> dict[str, Floats]:
        return axis_costs(
            self.songs,
            self.timeline,
            self.moods,
            stretch,
            recent=self.recent,
            played=played,
            before=before,
            chance=self.chance,
        )

    def _used_lately(self, recent: Sequence[str]) -> NDArray[np.bool_]:
        used = {str(song.path) for name in recent for song in named_songs(name, self.songs.tracks)}
        return np.array([str(track.path) in used for track in self.songs.tracks], np.bool_)

    @property
    def _misfit(self) -> float:
        return _MISFIT if self.max_distance is None else self.max_distance

    def _is_gap(self, stretch: Stretch, away: float) -> bool:
        is_long = stretch.end - stretch.start >= _SHORTEST_GAP
        return self.leaves_gaps and is_long and away > self._misfit

    def _allowed(self, distances: Floats) -> Floats:
        if self.max_distance is None or self.leaves_gaps:
            return distances
        return np.where(distances > self.max_distance, np.inf, distances)

    def _refuse(self, allowed: Floats) -> None:
        limit = self.max_distance
        for segment, row, barred in zip(self.timeline, self.moods, allowed, strict=True):
            if np.isinf(barred).all():
                near = int(row.argmin())
                raise NoSuitableTrackError(
                    f"no song is within {limit:g} of the mood at {segment.start:.1f} s "
                    f"({segment.label}, valence {segment.valence:+.2f}, arousal "
                    f"{segment.arousal:+.2f}); the nearest, {self.songs.tracks[near].title!r}, is "
                    f"{row[near]:.2f} away"
                )
        raise NoSuitableTrackError(
            f"no {self.wishes.max_cues} songs are within {limit:g} of every mood of the video; "
            "allow more cues or a greater distance"
        )

    def _quieter(self, costs: dict[str, Floats], best: int) -> int | None:
        """Return a song that says little, where none has the mood of the scene."""
        if self.wishes.song or costs["mood"][best] <= _MISFIT:
            return None
        from_quiet = np.hypot(
            self.songs.points[:, 0] - _QUIET_POINT[0], self.songs.points[:, 1] - _QUIET_POINT[1]
        )
        # All of it must be quiet, not only its quietest section.
        loudest = np.maximum.reduceat(from_quiet, self.songs.first_point)
        if not np.nanmin(loudest) <= _QUIET_REACH:
            return None
        others = total(costs) - costs["mood"] - costs["name"]
        return int(np.where(loudest <= _QUIET_REACH, loudest + others, np.inf).argmin())

    def _tell(self, chosen: list[Chosen]) -> None:
        for one in chosen:
            mood = one.candidate.reason("mood").cost
            if mood <= _MISFIT or self.wishes.song or one.gap:
                continue
            done = (
                "a quiet one that says little plays"
                if one.quiet
                else "none is quiet and neutral, so that the nearest plays, and may mislead"
            )
            notify(
                f"no song has the mood of {one.stretch.start:.1f}-{one.stretch.end:.1f} s (the "
                f"nearest is more than {_MISFIT:g} away): {done}: {one.candidate.track.title!r}"
            )
        for track in {
            str(one.candidate.track.path): one.candidate.track for one in chosen if not one.gap
        }.values():
            limits = licence_limits(track.licence)
            if limits and track.licence is not None:
                asks = {"NC": "no commercial use (NC)", "SA": "sharing alike (SA)"}
                notify(
                    f"{track.title!r} is under {track.licence.name}, which asks for "
                    f"{' and '.join(asks[limit] for limit in ('NC', 'SA') if limit in limits)}"
                )

    def _candidate(self, place: int, costs: dict[str, Floats], stretch: Stretch) -> Candidate:
        facts = self._facts(place, costs, stretch)
        reasons = tuple(Reason(axis, float(costs[axis][place]), facts[axis]) for axis in AXES)
        return Candidate(self.songs.tracks[place], math.fsum(one.cost for one in reasons), reasons)

    def _facts(self, place: int, costs: dict[str, Floats], stretch: Stretch) -> dict[str, str]:
        songs, track = self.songs, self.songs.tracks[place]
        bpm, wanted = songs.bpm[place], stretch.end - stretch.start
        cuts = "no cuts known" if stretch.shot is None else f"shots of {stretch.shot:.1f} s"
        heard = "over its sections" if songs.heard[place] else "as a whole"
        spoken = "speech not known" if stretch.speech is None else f"speech {stretch.speech:.0%}"
        sung = songs.sung[place]
        voice = "instrumental" if sung < 0.5 else "sung" if sung > 0.5 else "perhaps sung"
        return {
            "mood": f"{costs['mood'][place]:.2f} away, {heard}"
            if has_mood(track)
            else "its mood is not known",
            "name": track.mood.name if track.mood is not None else "no name of a mood",
            "tempo": f"{'no tempo known' if math.isnan(bpm) else f'{bpm:.0f} bpm'} for about "
            f"{stretch.bpm:.0f} ({cuts})",
            "length": f"{track.duration:.0f} s for {wanted:.0f} s",
            "voice": f"{voice}, {spoken}",
            "licence": "not known" if track.licence is None else track.licence.name,
            "recent": "used lately" if self.recent[place] else "not used lately",
            "variety": "played before in this video"
            if costs["variety"][place]
            else "not played before in this video",
            "family": "key and tempo after the song before it",
            "chance": "drawn from the seed",
        }


def _with_moods(songs: list[Track], *, asked_for: bool) -> list[Track]:
    placed = [song for song in songs if has_mood(song)]
    if asked_for or len(placed) == len(songs):
        return songs
    if not placed:
        raise NoSuitableTrackError(
            "no song has a mood; put songs into folders named after moods, such as calm/ and "
            "happy/, or name their moods in musify.toml; a library in Python gives "
            "Track(..., mood=Mood.named('calm'))"
        )
    notify(
        f"{len(songs) - len(placed)} of {len(songs)} songs have no mood and cannot be "
        "chosen; put them into folders named after moods, tag them, or name their moods in "
        "musify.toml"
    )
    return placed
