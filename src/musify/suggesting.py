"""Songs that would fit a video, with reasons."""

from collections.abc import Iterable

from musify._ffmpeg import StrPath
from musify._own_sound import HeardVideo, SoundWishes
from musify._selecting import speech_finder
from musify.choosing import Candidate, SpeechGiven
from musify.interfaces import SongLibrary
from musify.libraries import default_library, open_library
from musify.pipeline import Pipeline
from musify.plugins import get_backend
from musify.progress import ProgressCallback
from musify.results import Analysis
from musify.timeline import MoodTimeline

__all__ = ["suggest"]


def suggest(
    video: StrPath | MoodTimeline | Analysis,
    library: SongLibrary | StrPath | None = None,
    *,
    count: int = 5,
    seed: int = 0,
    max_distance: float | None = None,
    genre: str | Iterable[str] | None = (),
    song: str | Iterable[str] | None = (),
    avoid: str | Iterable[str] | None = (),
    recent: Iterable[str] = (),
    speech: SpeechGiven = None,
    on_progress: ProgressCallback | None = None,
) -> tuple[Candidate, ...]:
    """Name the songs that would fit a video best, each alone from its start to its end.

    Parameters
    ----------
    video : path-like, MoodTimeline or Analysis
        The video, which is then looked at; or what is known of it.
    library : SongLibrary, path-like or str, optional
        What music to choose from; by default the installed pack of songs.
    count : int, default 5
        The most songs to name.
    seed : int, default 0
        Decides among songs that are less than 0.02 apart; the same arguments give the same songs.
    max_distance : float, optional
        Refuse songs whose mood is farther away than this on the whole.
    genre : str or iterable of str, optional
        Only songs whose genre holds one of these words.
    song : str or iterable of str, optional
        Only these songs, by title, path or part of either.
    avoid : str or iterable of str, optional
        No song whose title, path, artist or genre holds one of these words.
    recent : iterable of str, optional
        Titles or paths of songs that were used lately, named only where nothing else is as near.
    speech : array_like of shape (k, 2) or callable, optional
        Where somebody speaks, in seconds, or what finds that out when it makes a difference. By
        default the sound of a video is listened to if some songs are sung and others are not.
    on_progress : callable, optional
        Called with :class:`Progress` while a video is looked at.

    Returns
    -------
    tuple of Candidate
        The best first; ``distance`` is the sum of the costs of ``reasons``.

    Raises
    ------
    ParameterError
        If ``song`` names none or several, or a value leaves its range.
    EmptyLibraryError
        If there is no song.
    NoSuitableTrackError
        If wishes, licences or ``max_distance`` leave none.
    """
    songs = default_library() if library is None else open_library(library)
    selector = get_backend(
        "track_selector",
        "nearest",
        seed=seed,
        max_distance=max_distance,
        genre=genre,
        song=song,
        avoid=avoid,
        recent=recent,
    )
    if not isinstance(video, (MoodTimeline, Analysis)):
        looking = Pipeline(library=songs, track_selector=selector, on_progress=on_progress)
        video = looking.analyze(video)
    if isinstance(video, Analysis):
        speech = speech_finder(HeardVideo(video.video, SoundWishes())) if speech is None else speech
        video = video.timeline
    found: tuple[Candidate, ...] = selector.suggest(  # type: ignore[attr-defined] # nearest has it
        video, songs, count=count, speech=speech
    )
    return found
