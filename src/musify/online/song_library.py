"""A song library whose songs are searched for on the web: what Openverse and Jamendo share."""

import dataclasses
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, Self

from typing_extensions import override

from musify._checks import number, whole_number
from musify._ffmpeg import StrPath
from musify.errors import AuthenticationError, EmptyLibraryError, ParameterError, ServiceError
from musify.index.song_folder import SongFolder
from musify.interfaces import SongLibrary
from musify.moods import DEFAULT_MOODS, Mood, known_mood
from musify.notices import notify
from musify.online.answers import AnswerCache, cache_folder
from musify.online.client import WebClient
from musify.online.found_songs import FoundSong, SongWish
from musify.online.mood_words import check_tempo, song_words
from musify.online.song_store import SongStore
from musify.progress import ProgressCallback, tell
from musify.timeline import MoodTimeline
from musify.tracks import Track

__all__ = ["OnlineLibrary"]

_MEGA: Final = 1_000_000
# So many more than are wanted are looked at, to have several artists.
_CHOICE: Final = 4
# So many songs in a row that do not arrive are no longer a matter of single songs.
_MOST_FAILURES: Final = 3


class OnlineLibrary(SongLibrary):
    """Searches a service for songs, fetches them once, and listens to them.

    Parameters
    ----------
    moods : iterable of Mood or str, optional
        What to search for. By default the moods of the film that music is chosen for, else action,
        happy, sad and calm.
    songs : int, default 4
        How many of each mood.
    tempo : str or iterable of str, optional
        Of verylow, low, medium, high and veryhigh, as Jamendo calls it; by default what suits each
        mood.
    bpm : tuple of float, optional
        The least and the most beats a minute, as measured in the song; others are left out.
    length : tuple of float, default (60, 600)
        The shortest and the longest song, in seconds.
    instrumental : bool, default True
        Whether songs with singing are left out.
    non_commercial : bool, default False
        Whether songs will do whose licence forbids commercial use. Those that forbid derivatives
        never do.
    folder : path-like, optional
        Where songs are kept; by default in the user's cache folder.
    most_megabytes : float, default 2000
        What that folder may hold; what was not used for longest goes first.
    listen : bool, default True
        Whether songs are listened to; else what the service says must do.
    key : str, optional
        Of the service, where it needs one; it is never shown.
    base_url : str, optional
        Where the service is asked: for a proxy of one's own, or a test.
    patience : float, default 90
        The most seconds that one request may take with all waits.
    on_progress : callable, optional
        Told how many songs are there, as stage ``"songs"``.
    """

    service: str

    def __init__(
        self,
        *,
        moods: Iterable[Mood | str] | None = None,
        songs: int = 4,
        tempo: str | Iterable[str] = (),
        bpm: tuple[float, float] | None = None,
        length: tuple[float, float] = (60.0, 600.0),
        instrumental: bool = True,
        non_commercial: bool = False,
        folder: StrPath | None = None,
        most_megabytes: float = 2000.0,
        listen: bool = True,
        key: str | None = None,
        base_url: str | None = None,
        patience: float = 90.0,
        on_progress: ProgressCallback | None = None,
    ) -> None:
        self.moods = None if moods is None else _as_moods(moods)
        self.songs = whole_number("songs", songs, low=1)
        self.tempo = check_tempo((tempo,) if isinstance(tempo, str) else tuple(tempo))
        self.bpm = None if bpm is None else _span("bpm", bpm, high=1000)
        self.length = _span("length", length, high=7200)
        self.instrumental = bool(instrumental)
        self.non_commercial = bool(non_commercial)
        megabytes = number("most_megabytes", most_megabytes, low=1)
        place = cache_folder() / "songs" / self.service if folder is None else Path(folder)
        self._store = SongStore(place, int(megabytes * _MEGA))
        self._listen = bool(listen)
        self._key = self._find_key(key)
        self._base_url = base_url
        self._patience = number("patience", patience, low=1, high=3600)
        self._on_progress = on_progress
        if self.bpm is not None and not self._listen:
            raise ParameterError("bpm is measured by listening; leave out listen=False, or bpm")

    def __repr__(self) -> str:
        moods = None if self.moods is None else [mood.name for mood in self.moods]
        return f"{type(self).__name__}(moods={moods!r}, songs={self.songs})"

    @abstractmethod
    def _find_key(self, given: str | None) -> str: ...

    @abstractmethod
    def _client(self, answers: AnswerCache) -> WebClient: ...

    @abstractmethod
    def _find(self, client: WebClient, wish: SongWish) -> Iterator[FoundSong]: ...

    @override
    def suited_to(self, timeline: MoodTimeline) -> Self:
        """Return this library, searching for the moods of a film unless some were asked for."""
        if self.moods is not None:
            return self
        seconds: dict[str, float] = {}
        points: dict[str, Mood] = {}
        for segment in timeline:
            seconds[segment.label] = seconds.get(segment.label, 0.0) + segment.duration
            point = (segment.valence, segment.arousal)
            points.setdefault(segment.label, _mood_of(segment.label, point))
        suited = object.__new__(type(self))
        vars(suited).update(vars(self))
        suited.moods = tuple(
            points[label] for label in sorted(seconds, key=seconds.__getitem__, reverse=True)
        )
        return suited

    @override
    def __iter__(self) -> Iterator[Track]:
        """Search, fetch what is not there yet, and give the songs by mood.

        Raises
        ------
        ServiceError
            If the service cannot be asked, or no song can be fetched.
        EmptyLibraryError
            If it has no song that suits.
        """
        moods = tuple(DEFAULT_MOODS) if self.moods is None else self.moods
        with self._client(AnswerCache(cache_folder() / "answers")) as client:
            songs = self._fetched(client, moods)
        heard = self._heard(songs)
        tracks = [
            track
            for path, (song, mood) in songs.items()
            if (track := self._track(path, song, mood, heard)) is not None
        ]
        if not tracks:
            raise EmptyLibraryError(
                f"{client.service} has no song for {', '.join(mood.name for mood in moods)} that "
                "suits; widen length or tempo, or allow singing or non_commercial licences"
            )
        yield from tracks

    def _fetched(
        self, client: WebClient, moods: tuple[Mood, ...]
    ) -> dict[Path, tuple[FoundSong, Mood]]:
        songs: dict[Path, tuple[FoundSong, Mood]] = {}
        problem: ServiceError | None = None
        failures = 0
        total = len(moods) * self.songs
        for turn, mood in enumerate(moods):
            done = turn * self.songs
            taken = {song.id for song, _ in songs.values()}
            choice = self._choice(client, self._wish(mood), taken)
            wanted = self.songs
            for song in choice:
                if wanted == 0:
                    break
                try:
                    path = self._store.fetch(client, song, songs)
                except AuthenticationError:
                    raise
                except ServiceError as error:
                    notify(f"left out the song {song.title!r} ({song.page}): {error}")
                    problem = error
                    failures = failures + 1 if error.retryable else 0
                    if failures >= _MOST_FAILURES:
                        raise
                    continue
                failures = 0
                songs[path] = (song, mood)
                wanted -= 1
                self._report(done + self.songs - wanted, total)
            self._report(done + self.songs, total)
        if not songs and problem is not None:
            raise problem
        return songs

    def _choice(self, client: WebClient, wish: SongWish, taken: set[str]) -> list[FoundSong]:
        """List songs to take, the best first: more than are wanted, since some may be gone."""
        found: dict[str, FoundSong] = {}
        # The tempo is a guess unless the user asked for it: better another than no song.
        wishes = [wish] if self.tempo else [wish, dataclasses.replace(wish, tempo=())]
        for each in wishes:
            if len(found) >= self.songs:
                break
            fresh = (song for song in self._find(client, each) if song.id not in taken)
            for song in _varied(islice(fresh, self.songs * _CHOICE)):
                found.setdefault(song.id, song)
        return list(found.values())

    def _report(self, done: int, total: int) -> None:
        tell(self._on_progress, "songs", done, total)

    def _wish(self, mood: Mood) -> SongWish:
        words = song_words(mood)
        return SongWish(
            mood,
            words.songs,
            self.tempo or words.tempo,
            *self.length,
            instrumental=self.instrumental,
            non_commercial=self.non_commercial,
        )

    def _heard(self, songs: dict[Path, tuple[FoundSong, Mood]]) -> dict[Path, Track | str] | None:
        """Listen to the songs; give what was heard in each, or why it cannot be used."""
        if not self._listen or not songs:
            return None
        folder = SongFolder(self._store.folder)
        folder.update(on_progress=self._on_progress)
        return {
            entry.path: entry.track or f"{entry.fault or 'it was not read'}"
            for entry in folder.entries()
            if entry.path in songs
        }

    def _track(
        self, path: Path, song: FoundSong, mood: Mood, heard: dict[Path, Track | str] | None
    ) -> Track | None:
        facts: dict[str, object] = {
            "title": song.title,
            "artist": song.artist,
            "mood": mood,
            "licence": song.licence,
        }
        if heard is None:
            return Track(
                path,
                song.duration,
                genre=song.genre or None,
                instrumental=song.instrumental,
                **facts,  # type: ignore[arg-type] # each as the name says
            )
        known = heard.get(path, "it was not read")
        if isinstance(known, str):
            notify(f"left out the song {song.title!r} ({song.page}): {known}")
            return None
        track = dataclasses.replace(known, **facts)  # type: ignore[arg-type] # as above
        sung = track.instrumental is False and song.instrumental is not True
        off = self.bpm is not None and not (
            track.bpm is not None and self.bpm[0] <= track.bpm <= self.bpm[1]
        )
        return None if off or (sung and self.instrumental) else track


def _varied(songs: Iterable[FoundSong]) -> list[FoundSong]:
    """Bring the second song of an artist behind the first of everybody, and so on."""
    seen: Counter[str] = Counter()
    ranked = []
    for song in songs:
        ranked.append((seen[song.artist], song))
        seen[song.artist] += 1
    return [song for _, song in sorted(ranked, key=lambda pair: pair[0])]


def _as_moods(moods: Iterable[Mood | str]) -> tuple[Mood, ...]:
    given = (moods,) if isinstance(moods, str | Mood) else tuple(moods)
    found = tuple(mood if isinstance(mood, Mood) else known_mood(mood) for mood in given)
    if not found:
        raise ParameterError("moods must name at least one mood, or be left out")
    return tuple({mood.name: mood for mood in found}.values())


def _mood_of(label: str, point: tuple[float, float]) -> Mood:
    """Take the mood that goes by a label, else one at the point where it was seen."""
    try:
        return known_mood(label)
    except ParameterError:
        return Mood(label, *point)


def _span(name: str, pair: tuple[float, float], *, high: float) -> tuple[float, float]:
    try:
        first, last = pair
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must be two numbers, got {pair!r}") from None
    first = number(f"the least {name}", first, low=1, high=high)
    return first, number(f"the most {name}", last, low=first, high=high)
