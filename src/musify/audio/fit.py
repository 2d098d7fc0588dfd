"""Fitting a song to a length, exactly, with its own beginning and its true ending."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import StrPath
from musify._iterators import ended
from musify.audio.fit_edit import ranges_of
from musify.audio.fit_features import SongSound, hear
from musify.audio.fit_plan import fitted_pieces
from musify.audio.fit_wishes import Wishes
from musify.audio.grid import CutGrid, cut_grid
from musify.audio.joints import Joints, find_joints
from musify.audio.mix import mix
from musify.audio.pcm import decode_range
from musify.cues import Cue, CueSheet, SourceRange
from musify.errors import AudioDecodeError, ParameterError
from musify.progress import ProgressCallback, tell
from musify.songs import SongAnalysis
from musify.soundtrack import Soundtrack
from musify.tracks import Track
from musify.video import read_media

__all__ = ["Fit", "FittableSong", "fit_song", "fittable", "render_fit", "song_of"]

_MOST_FRAMES: Final = 1 << 40
# Of the time that a fit takes: until a song is decoded, and until its joints are known.
_DECODED: Final = 0.3
_PREPARED: Final = 0.9


@dataclass(frozen=True, slots=True)
class Fit:
    """A song at the length that was asked for.

    Parameters
    ----------
    sources : tuple of SourceRange
        What is played, in order; the last ends with the song's true ending unless ``fade_out``
        says otherwise.
    length : float
        What was asked for, in seconds.
    fade_in, fade_out : float
        Seconds of fade where the beginning or the ending had to be cut; else 0.
    how : str
        ``"whole"``, ``"beats"``, ``"free"`` (joined without beats), ``"ending"`` (too short for
        more than the song's ending), ``"loop"`` or ``"silence"``.
    """

    sources: tuple[SourceRange, ...]
    length: float
    fade_in: float = 0.0
    fade_out: float = 0.0
    how: str = "beats"

    @property
    def played(self) -> float:
        """Seconds of sound; what is missing to ``length`` is silence after the ending."""
        overlaps = sum(source.crossfade or 0.0 for source in self.sources[1:])
        return sum(source.played for source in self.sources) - overlaps

    @property
    def joints(self) -> tuple[tuple[float, float], ...]:
        """Where crossfades end: seconds of the result, and the cost of each joint."""
        found, position = [], 0.0
        for index, source in enumerate(self.sources):
            overlap = (source.crossfade or 0.0) if index else 0.0
            if index and overlap:
                found.append((position, source.joint_cost))
            position += source.played - overlap
        return tuple(found)

    @property
    def speed_change(self) -> float:
        """How far the speed leaves 1 at most, as a fraction."""
        return max(abs(source.speed - 1) for source in self.sources)

    def heard(self, track: Track) -> Track:
        """Give the track the length that was heard, where its header says a little less."""
        end = max(source.end for source in self.sources)
        return track if end <= track.duration else replace(track, duration=end)

    def cue(self, track: Track, *, start: float = 0.0, gain_db: float = 0.0) -> Cue:
        """Make it a cue that starts at ``start``; silence after the ending is left out of it."""
        length = min(self.length, self.played)
        return Cue(
            start=start,
            end=start + length,
            track=self.heard(track),
            sources=self.sources,
            fade_in=min(self.fade_in, length / 2),
            fade_out=min(self.fade_out, length / 2),
            gain_db=gain_db,
        )

    def sheet(self, track: Track, *, gain_db: float = 0.0, sample_rate: int = 48_000) -> CueSheet:
        """Make it a plan of its own, without a video."""
        cue = self.cue(track, gain_db=gain_db)
        return CueSheet([cue], self.length, original="replace", sample_rate=sample_rate)


@dataclass(frozen=True, slots=True, eq=False)
class FittableSong:
    """A song whose joints are known: made once, it is fitted to any number of lengths.

    Parameters
    ----------
    sound : SongSound
        How it sounds.
    analysis : SongAnalysis
        What was heard in it.
    joints : Joints
        Where it may be joined; by beats, if any are felt.
    """

    sound: SongSound
    analysis: SongAnalysis
    joints: Joints

    def fit(
        self,
        length: float,
        *,
        changes: Sequence[float] = (),
        hits: Sequence[float] = (),
        plane_times: Sequence[float] = (),
        plane: NDArray[np.float64] | None = None,
        ending: bool = True,
    ) -> Fit:
        """Fit it to a length; parameters as in :func:`fit_song`."""
        if not 0 < length < float("inf"):
            raise ParameterError(f"length must be above 0 s, got {length}")
        wishes = Wishes(
            changes=tuple(changes),
            hits=tuple(sorted(hits)),
            plane_times=np.asarray(plane_times, np.float64),
            plane=None if plane is None else np.asarray(plane, np.float64),
            ending=ending,
        )
        rate = self.sound.sample_rate
        frames = max(1, round(length * rate))
        made = fitted_pieces(self.sound, self.analysis, self.joints, frames, wishes)
        return Fit(
            sources=ranges_of(made.pieces, rate),
            length=length,
            fade_in=made.fade_in / rate,
            fade_out=made.fade_out / rate,
            how=made.how,
        )


def fittable(
    blocks: Iterable[NDArray[np.float32]], sample_rate: int, analysis: SongAnalysis
) -> FittableSong:
    """Find the joints of a song that is decoded already.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n, 2)
        Its PCM.
    sample_rate : int
        PCM frames a second.
    analysis : SongAnalysis
        What was heard in it.

    Raises
    ------
    ParameterError
        If there is no PCM frame.
    """
    sound = hear(blocks, sample_rate)
    if not len(sound.mono):
        raise ParameterError("a song without a PCM frame cannot be fitted")
    grid: CutGrid = cut_grid(analysis, sound.duration)
    return FittableSong(sound, analysis, find_joints(sound, grid))


def fit_song(
    song: StrPath | Track,
    length: float,
    *,
    analysis: SongAnalysis | None = None,
    changes: Sequence[float] = (),
    hits: Sequence[float] = (),
    plane_times: Sequence[float] = (),
    plane: NDArray[np.float64] | None = None,
    ending: bool = True,
    sample_rate: int = 48_000,
    on_progress: ProgressCallback | None = None,
) -> Fit:
    """Fit a song to a length, exactly to the PCM frame.

    Parameters
    ----------
    song : path-like or Track
        The song.
    length : float
        Seconds; from 0.15 to 10 times the song's own it keeps its beginning and its ending, as
        long as there is room for three seconds of each.
    analysis : SongAnalysis, optional
        What was heard in it; the track's, or made now.
    changes : sequence of float
        Seconds at which the mood of the video changes: sections change near them where they can.
    hits : sequence of float
        Seconds at which something happens: downbeats, or else beats, fall on them where the speed
        need not change by more than 0.8 %.
    plane_times : sequence of float, shape (k,)
        Times of ``plane``.
    plane : array_like, shape (k, 2), optional
        Valence and arousal that are wanted over time, each in [-1, 1].
    ending : bool, default True
        Whether the song's true ending ends it; else it just goes on until then.
    sample_rate : int, default 48000
        PCM frames a second it will be rendered at.
    on_progress : callable, optional
        Called with :class:`Progress`: stage ``"analyze"`` while a song that is not known is
        listened to, then ``"fit"``.

    Returns
    -------
    Fit
        Source ranges, with the cost of each joint.

    Raises
    ------
    ParameterError
        If the length is not above 0.
    AudioDecodeError
        If the song cannot be decoded.
    """
    track = song if isinstance(song, Track) else None
    path = Path(song.path if isinstance(song, Track) else song)
    known = analysis or (track.analysis if track is not None else None)
    prepared = _prepared(path, sample_rate, known, on_progress)
    tell(on_progress, "fit", _PREPARED, 1.0)
    made = prepared.fit(
        length, changes=changes, hits=hits, plane_times=plane_times, plane=plane, ending=ending
    )
    tell(on_progress, "fit", 1.0, 1.0)
    return made


def render_fit(
    fit: Fit, track: Track, *, gain_db: float = 0.0, sample_rate: int = 48_000
) -> Soundtrack:
    """Turn a fit into sound.

    Parameters
    ----------
    fit : Fit
        What :func:`fit_song` returned.
    track : Track
        The same song.
    gain_db : float, default 0
        Gain, in [-120, 40] dB.
    sample_rate : int, default 48000
        The one it was fitted for.

    Returns
    -------
    Soundtrack
        Exactly ``round(fit.length * sample_rate)`` PCM frames, peaks at -1 dB of full scale at
        most. Memory does not grow with the length.
    """
    return mix(fit.sheet(track, gain_db=gain_db, sample_rate=sample_rate))


def song_of(path: StrPath) -> Track:
    """Make a track of a file, its length from its header.

    Raises
    ------
    AudioDecodeError
        If it holds no sound.
    """
    info = read_media(Path(path), AudioDecodeError, "audio")
    return Track(Path(path), info.duration or 1.0)


def _prepared(
    path: Path,
    sample_rate: int,
    analysis: SongAnalysis | None,
    on_progress: ProgressCallback | None,
) -> FittableSong:
    try:
        state = path.stat()
    except OSError as error:
        raise AudioDecodeError(f"cannot read {str(path)!r}: {error.strerror or error}") from error
    key = (str(path.absolute()), state.st_mtime_ns, state.st_size)
    told = _Told(on_progress)
    try:
        return _read(key, sample_rate, None if analysis is None else _Same(analysis), told)
    finally:
        told.on_progress = None


class _Same:
    """An analysis that is equal to itself alone, for the cache."""

    __slots__ = ("analysis",)

    def __init__(self, analysis: SongAnalysis) -> None:
        self.analysis = analysis

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.analysis is self.analysis

    def __hash__(self) -> int:
        return id(self.analysis)


class _Told:
    """Who is told, all alike for the cache, which must not keep them."""

    __slots__ = ("on_progress",)

    def __init__(self, on_progress: ProgressCallback | None) -> None:
        self.on_progress = on_progress

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Told)

    def __hash__(self) -> int:
        return 0


# One song is fitted to several lengths in a row; three take some 200 MB.
@functools.lru_cache(maxsize=3)
def _read(
    key: tuple[str, int, int], sample_rate: int, known: _Same | None, told: _Told
) -> FittableSong:
    path = Path(key[0])
    if known is None:
        from musify.audio.analyze_song import analyze_song  # noqa: PLC0415 - only when needed

        analysis = analyze_song(path, on_progress=told.on_progress)
    else:
        analysis = known.analysis
    frames = _MOST_FRAMES
    whole = _whole(path, frames, sample_rate)
    with ended(_decoding(whole, analysis.duration, sample_rate, told.on_progress)) as blocks:
        return fittable(blocks, sample_rate, analysis)


def _decoding(
    blocks: Iterable[NDArray[np.float32]],
    duration: float,
    sample_rate: int,
    on_progress: ProgressCallback | None,
) -> Iterator[NDArray[np.float32]]:
    """Tell of the first part of a fit; its last blocks may come after the song's own end."""
    done = 0
    with ended(blocks) as given:
        for block in given:
            yield block
            done += len(block)
            share_done = min(1.0, done / sample_rate / max(duration, 1e-9))
            tell(on_progress, "fit", _DECODED * share_done, 1.0)


def _whole(path: Path, frames: int, sample_rate: int) -> Iterable[NDArray[np.float32]]:
    """Decode to the end, wherever that is."""
    got = False
    try:
        for block in decode_range(path, 0, frames, sample_rate):
            got = True
            yield block
    except AudioDecodeError:
        if not got:
            raise
