"""The songs nearest to a video, changed where its mood changes."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from musify._checks import number, whole_number
from musify.audio.arrange import make_cues
from musify.choosing import Candidate, Chooser, Chosen, SpeechGiven
from musify.cues import CueSheet
from musify.errors import ParameterError
from musify.interfaces import SongLibrary, TrackSelector
from musify.shots import Shots
from musify.timeline import MoodSegment, MoodTimeline
from musify.tracks import Track
from musify.wishes import Wishes

if TYPE_CHECKING:
    from musify.composing import ComposingWishes

__all__ = ["NearestSelector"]


class NearestSelector(TrackSelector):
    """Gives a video the songs that are nearest to it, and changes them only where its mood changes.

    The distance is that of moods over time in the valence-arousal plane: of a song that was
    listened to, the nearest section counts, since songs are fitted section by section. To it are
    added, in units of the plane, what speaks against a song otherwise: another name of mood (0.05),
    a tempo that does not suit mood and cuts (up to 0.15), a length that must be stretched (up to
    0.12), singing under speech (up to 0.4), a licence that asks for something (NC or SA, 0.03),
    recent use (0.15), having played in this video (0.15 each time), another key and tempo than the
    song before it (up to 0.16), and chance from the seed (up to 0.02), so that two videos need not
    get the same of equally near songs.

    A change of song must save 4.5 of distance times seconds: a whim of the mood is no reason, and a
    song whose own sections are calm and wild serves calm and wild scenes alone. Songs whose licence
    forbids derivatives are never taken. Where the nearest song is more than 0.8 away and there is a
    quiet and neutral one, that is taken, with a warning; ``max_distance`` refuses instead.

    Parameters
    ----------
    seed : int, default 0
        The same seed, timeline and library give the same cue sheet.
    max_distance : float, optional
        Refuse songs whose mood is farther away than this from any segment; by default none is
        too far.
    genre : str or tuple of str, optional
        Only songs whose genre holds one of these words.
    song : str or tuple of str, optional
        Only these songs, by title, path or part of either.
    avoid : str or tuple of str, optional
        No song whose title, path, artist or genre holds one of these words.
    max_cues : int, optional
        The most cues, at least 1.
    recent : tuple of str, optional
        Titles or paths of songs that were used lately, to be taken only where nothing else is as
        near. The caller keeps this list: nothing is remembered, so that the same call gives the
        same music.
    fill : {"composer"}, optional
        Compose music for stretches of 5 s or more for which no song has the mood: none is within
        ``max_distance``, or 0.8 where that is not given. By default a song plays all the same.
    fill_options : mapping, optional
        What :func:`musify.compose` takes: ``style``, ``tempo``, ``key``, ``instruments``,
        ``energy``, ``seed``; and ``soundfont``.

    Raises
    ------
    ParameterError
        If a number leaves its range or words are empty.
    """

    def __init__(
        self,
        seed: int = 0,
        max_distance: float | None = None,
        *,
        genre: str | Iterable[str] | None = (),
        song: str | Iterable[str] | None = (),
        avoid: str | Iterable[str] | None = (),
        max_cues: int | None = None,
        recent: Iterable[str] = (),
        fill: str | None = None,
        fill_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.seed = whole_number("seed", seed, low=0)
        self.max_distance = (
            None if max_distance is None else number("max_distance", max_distance, low=0)
        )
        self.wishes = Wishes(genre, song, avoid, max_cues)
        self.recent = (recent,) if isinstance(recent, str) else tuple(recent)
        if not all(isinstance(name, str) and name for name in self.recent):
            raise ParameterError(f"recent must name songs, got {recent!r}")
        if fill not in (None, "composer"):
            raise ParameterError(f"fill must be 'composer' or None, got {fill!r}")
        if fill_options and fill is None:
            raise ParameterError("fill_options are for fill='composer'")
        self.composing = (
            None if fill is None else _composing({"seed": seed, **(fill_options or {})})
        )

    def __repr__(self) -> str:
        more = "".join(
            f", {name}={value!r}"
            for name, value in (
                ("genre", self.wishes.genre),
                ("song", self.wishes.song),
                ("avoid", self.wishes.avoid),
                ("max_cues", self.wishes.max_cues),
                ("recent", self.recent),
                ("fill", self.composing),
            )
            if value
        )
        return f"NearestSelector(seed={self.seed}, max_distance={self.max_distance}{more})"

    @override
    def select(
        self,
        timeline: MoodTimeline,
        library: SongLibrary | None,
        *,
        speech: SpeechGiven = None,
        shots: Shots | None = None,
    ) -> CueSheet:
        """Choose songs for a timeline.

        Parameters
        ----------
        timeline : MoodTimeline
            The mood of the video over time, and its cuts.
        library : SongLibrary or None
            What to choose from.
        speech : array_like of shape (k, 2) or callable, optional
            Where somebody speaks, in seconds, or what finds that out when it makes a difference.
        shots : Shots, optional
            How strong the cuts are, for music that is composed.
        """
        chosen = self._chooser(timeline, library, speech).choose()
        segments = tuple(timeline)
        plays: list[tuple[MoodSegment, Track | None]] = []
        decisions: list[str] = []
        for one in chosen:
            track = None if one.gap else one.candidate.track
            for segment in segments[one.stretch.first : one.stretch.last]:
                plays.append((segment, track))
                decisions.append(
                    _decision(segment, one, is_first=segment.start == one.stretch.start)
                )

        def write(start: float, end: float) -> Track:
            from musify.composing import timeline_between  # noqa: PLC0415 - only with gaps

            assert self.composing is not None  # else there are no gaps
            return self.composing.track(timeline_between(timeline, start, end), shots)

        hits = timeline.edges[1:-1].tolist()
        return CueSheet(
            cues=make_cues(plays, timeline.duration, hits=hits, write=write),
            duration=timeline.duration,
            seed=self.seed,
            decisions=tuple(decisions),
        )

    def suggest(
        self,
        timeline: MoodTimeline,
        library: SongLibrary | None,
        *,
        count: int = 5,
        speech: SpeechGiven = None,
    ) -> tuple[Candidate, ...]:
        """Return the songs that would fit best alone, the best first, with reasons.

        Parameters
        ----------
        timeline : MoodTimeline
            The mood of the video over time, and its cuts.
        library : SongLibrary or None
            What to choose from.
        count : int, default 5
            The most songs to return.
        speech : array_like of shape (k, 2) or callable, optional
            Where somebody speaks, in seconds, or what finds that out when it makes a difference.
        """
        count = whole_number("count", count, low=1)
        return self._chooser(timeline, library, speech).rank(count)

    def _chooser(
        self, timeline: MoodTimeline, library: SongLibrary | None, speech: SpeechGiven
    ) -> Chooser:
        return Chooser(
            timeline,
            library,
            wishes=self.wishes,
            seed=self.seed,
            max_distance=self.max_distance,
            recent=self.recent,
            speech=speech,
            leaves_gaps=self.composing is not None,
        )


def _composing(options: Mapping[str, Any]) -> "ComposingWishes":
    from musify.composing import ComposingWishes  # noqa: PLC0415 - all of the composer

    known = [field.name for field in fields(ComposingWishes)]
    for name in options:
        if name not in known:
            raise ParameterError(f"fill_options take {', '.join(known)}, got {name!r}")
    return ComposingWishes(**options)


def _decision(segment: MoodSegment, one: Chosen, *, is_first: bool) -> str:
    candidate = one.candidate
    if one.gap:
        away = candidate.reason("mood").cost
        return (
            f"{segment.start:.1f}-{segment.end:.1f} s is {segment.label} (valence "
            f"{segment.valence:+.2f}, arousal {segment.arousal:+.2f}): composed, since the nearest "
            f"song, {candidate.track.title!r}, is {away:.2f} away"
        )
    words = (
        f"{segment.start:.1f}-{segment.end:.1f} s is {segment.label} (valence "
        f"{segment.valence:+.2f}, arousal {segment.arousal:+.2f}): {candidate.track.title!r}"
    )
    if not is_first:
        return f"{words} plays on"
    told = ", ".join(
        f"{reason.axis} {reason.cost:.2f} ({reason.words})"
        for reason in candidate.reasons
        if reason.cost >= 0.005 and reason.axis != "chance"
    )
    quiet = ", a quiet choice since nothing fits" if one.quiet else ""
    return f"{words}, {candidate.distance:.2f} away{quiet}" + (f": {told}" if told else "")
