"""What a backend must be able to do: one abstract class a kind.

Options go to a backend's constructor, data to its method; a backend keeps no state between calls.
It leaves the process as it found it: it prints nothing (:func:`musify.notify` and logging tell),
sets nothing that others use (working folder, environment, random numbers, warnings), and leaves
neither files nor threads behind. An error of what it is given goes on as it is.
Methods may grow keyword arguments with defaults, never required ones.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path

from musify._ffmpeg import StrPath
from musify.cues import CueSheet, Original
from musify.errors import ParameterError
from musify.moods import Mood, MoodSpace, known_mood
from musify.samples import FrameSample
from musify.scores import MoodScores
from musify.shots import Shots
from musify.soundtrack import Soundtrack
from musify.timeline import MoodTimeline
from musify.tracks import Track
from musify.video import VideoInfo

__all__ = [
    "AudioMuxer",
    "FrameSampler",
    "MoodAggregator",
    "MoodClassifier",
    "SongLibrary",
    "TrackSelector",
]


class FrameSampler(ABC):
    """Takes pictures out of a video."""

    @abstractmethod
    def sample(self, video: VideoInfo) -> Iterator[FrameSample]:
        """Give frames in the order of their times, lazily.

        Parameters
        ----------
        video : VideoInfo
            What :func:`musify.probe` found.

        Yields
        ------
        FrameSample
            Times ascend strictly, from 0 on, below ``video.duration``. Frames that cannot be
            decoded are left out and told by :func:`musify.notify`. When the iterator is closed
            or dropped, whatever feeds it ends.

        Raises
        ------
        VideoOpenError
            If the video cannot be read any more.
        """


class MoodClassifier(ABC):
    """Says how strongly a frame shows each mood."""

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """Names of the moods it tells apart, each once."""

    @property
    def mood_space(self) -> MoodSpace | None:
        """Points of the labels, in their order, or None where it has none.

        By default those of the labels that musify knows, if it knows them all. Motion, cuts and
        sound shift scores only where points are known.
        """
        try:
            points = [known_mood(label).point for label in self.labels]
        except ParameterError:
            return None
        return MoodSpace(Mood(label, *at) for label, at in zip(self.labels, points, strict=True))

    @property
    def mood_temperature(self) -> float:
        """How widely scores scatter about the points of the moods; of :meth:`MoodSpace.score`."""
        return 0.5

    @abstractmethod
    def classify(self, samples: Iterable[FrameSample]) -> MoodScores:
        """Score every frame.

        Parameters
        ----------
        samples : iterable of FrameSample
            Read once, in order; keep no more of them than needed.

        Returns
        -------
        MoodScores
            A row for each sample, in the same order and with its time; ``labels`` as above.
        """


class MoodAggregator(ABC):
    """Follows the mood over time."""

    @abstractmethod
    def aggregate(
        self, scores: MoodScores, shots: Shots | None, *, duration: float
    ) -> MoodTimeline:
        """Cover the video with moods.

        Parameters
        ----------
        scores : MoodScores
            At least one frame.
        shots : Shots or None
            Cuts and motion, where they are known.
        duration : float
            Length of the video in seconds.

        Returns
        -------
        MoodTimeline
            From 0 to ``duration``; every label is one of ``scores.labels``.

        Raises
        ------
        ParameterError
            If there is no frame, or one is later than ``duration``.
        """


class SongLibrary(ABC):
    """A collection of music to choose from."""

    @abstractmethod
    def __iter__(self) -> Iterator[Track]:
        """Give every track, in an order that is the same each time.

        Files that cannot be read are left out and told by :func:`musify.notify`.
        """

    def suited_to(self, timeline: MoodTimeline) -> "SongLibrary":
        """Return the library to choose from for a film; this one unless overridden.

        What searches elsewhere learns here what to search for. Called once the mood of the video
        is known, before :meth:`TrackSelector.select`.

        Parameters
        ----------
        timeline : MoodTimeline
            The mood of the video over time.
        """
        return self


class TrackSelector(ABC):
    """Decides what plays when."""

    @property
    def needs_library(self) -> bool:
        """Whether :meth:`select` must be given a library; True unless overridden."""
        return True

    @abstractmethod
    def select(self, timeline: MoodTimeline, library: SongLibrary | None) -> CueSheet:
        """Choose or make music for a timeline.

        A selector whose method takes a keyword ``speech`` (default None) is given intervals of
        speech in seconds, shape (k, 2), or a function that finds them when it is called. One that
        takes a keyword ``shots`` (default None) is given the :class:`Shots` of the video, if they
        were looked for.

        Parameters
        ----------
        timeline : MoodTimeline
            The mood of the video over time.
        library : SongLibrary or None
            What to choose from; never None where :attr:`needs_library` is True.

        Returns
        -------
        CueSheet
            Its duration is the timeline's. The same arguments give the same sheet.

        Raises
        ------
        EmptyLibraryError
            If the library holds nothing.
        NoSuitableTrackError
            If it holds nothing that fits.
        """


class AudioMuxer(ABC):
    """Writes the video with its new sound."""

    is_audited: bool = False
    """Whether what it writes is measured afterwards; a muxer that keeps to every rule says True."""

    def left_out(
        self,
        video: VideoInfo,
        output: StrPath,
        *,
        original: Original = "keep",
    ) -> tuple[int, ...]:
        """Name the streams that :meth:`mux` will leave out because it was asked to.

        None unless overridden.
        """
        return ()

    def check(  # noqa: B027 - an optional method, which does nothing by default
        self, video: VideoInfo, output: StrPath, *, original: Original = "keep"
    ) -> None:
        """Refuse early what :meth:`mux` would refuse; called before the video is looked at.

        Does nothing unless overridden.

        Parameters
        ----------
        video : VideoInfo
            The input.
        output : path-like
            Where to write.
        original : {"keep", "replace", "second-track"}, default "keep"
            What happens to the video's own sound.

        Raises
        ------
        OutputError
            If the output cannot be what was asked for.
        """

    @abstractmethod
    def mux(
        self,
        video: VideoInfo,
        soundtrack: Soundtrack,
        output: StrPath,
        *,
        original: Original = "keep",
        overwrite: bool = False,
    ) -> Path:
        """Write a copy of the video whose first, default sound is the soundtrack.

        Parameters
        ----------
        video : VideoInfo
            The input. It is never changed.
        soundtrack : Soundtrack
            As long as the video.
        output : path-like
            Where to write; its ending chooses the container.
        original : {"keep", "replace", "second-track"}, default "keep"
            With ``"second-track"`` the soundtrack is the last sound instead, and not the default
            one. With ``"replace"`` the video's own sound (``video.audio_index``) is left out; every
            other stream is copied bit for bit.
        overwrite : bool, default False
            Whether a file that stands there may be replaced.

        Returns
        -------
        Path
            The output, whole. After an error nothing of it is left.

        Raises
        ------
        OutputError
            If the output cannot be written, or its container cannot carry a stream.
        FFmpegError
            If ffmpeg fails.
        """
