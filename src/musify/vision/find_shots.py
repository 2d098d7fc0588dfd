"""Finding the shots of a video: how its frames are had, and how many of them.

Public as :func:`musify.find_shots`; ``musify.shots`` is the module of the type.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Final, Literal

import numpy as np

from musify._ffmpeg import StrPath
from musify._packets import Packets, read_packets
from musify.errors import ParameterError, VideoOpenError
from musify.progress import ProgressCallback, share, tell
from musify.samples import FrameSample
from musify.shots import Shots
from musify.video import VideoInfo, probe
from musify.vision.activity import ActivityMeter, activity_of_sizes
from musify.vision.cuts import Cut, CutFinder, thinned
from musify.vision.differences import SMALL, Bytes, Floats, luma, shrink
from musify.vision.frames import EARLY, FrameStream
from musify.vision.key_cuts import cuts_from_keys, enough_keys, key_pictures
from musify.vision.packet_runs import decode_runs, runs_between
from musify.vision.small_frames import CHEAP, CHEAPER, batches, placed

__all__ = ["SHOT_MODES", "ShotFinder", "find_shots"]

ShotMode = Literal["exact", "fast", "index"]
SHOT_MODES: Final = ("exact", "fast", "index")

# If fewer frames than that are left without unreferenced ones, cuts would be placed badly.
_ENOUGH: Final = 0.4

# Of the work of the modes that begin with key frames, those take so much.
_KEYS_LOOKED_AT: Final = 0.5

# Of a film darker and plainer than this nothing is said to move (as in activity.py). A change of
# such a part of the contrast, from one picture to the next, is motion for certain.
_LEAST_CONTRAST: Final = 8.0
_MOVED: Final = 0.2


def find_shots(
    video: VideoInfo | StrPath,
    mode: ShotMode = "exact",
    *,
    on_progress: ProgressCallback | None = None,
) -> Shots:
    """Find the shots of a video, and how much its picture moves.

    Parameters
    ----------
    video : VideoInfo or path-like
        What to look at.
    mode : {"exact", "fast", "index"}, default "exact"
        How much of it to look at. ``"exact"`` decodes the film, as cheaply as can be, and finds
        hard cuts to within one frame, fades and dissolves. ``"fast"`` decodes key frames, and all
        frames only where two of them differ or where packets tell of a cut: cuts are as precise,
        some fades, dissolves and short shots are missed, and the activity is a guess from sizes.
        Where key frames cannot be decoded alone (HEVC with open groups, raw streams), it does as
        ``"exact"`` does.
        ``"index"`` decodes a key frame each 2.5 s and guesses the rest from sizes and places of
        packets. Figures are in ``benchmarks/README.md``.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"shots"``.

    Returns
    -------
    Shots
        Edges, strength and kind of each cut, and activity once a second.

    Raises
    ------
    VideoOpenError
        If the file is missing or cannot be read as a video.
    FFmpegError
        If ffmpeg is missing or fails.
    ParameterError
        If the mode is another word.

    See Also
    --------
    ShotFinder : the same from frames that are looked at anyway.

    Examples
    --------
    >>> shots = musify.find_shots("holiday.mp4")          # doctest: +SKIP
    >>> shots.cuts, shots.kinds                           # doctest: +SKIP
    """
    finder = ShotFinder(video if isinstance(video, VideoInfo) else probe(video), mode)
    return finder.finish(on_progress=on_progress)


class ShotFinder:
    """Finds shots with the help of frames that somebody else has decoded.

    Parameters
    ----------
    video : VideoInfo
        What the frames are of.
    mode : {"exact", "fast", "index"}, default "index"
        As in :func:`find_shots`. ``"exact"`` decodes the film once more whatever it is shown.

    Raises
    ------
    ParameterError
        If the mode is another word.

    Examples
    --------
    >>> finder = ShotFinder(video)                                     # doctest: +SKIP
    >>> scores = classifier.classify(finder.watch(sampler.sample(video)))  # doctest: +SKIP
    >>> shots = finder.finish()                                        # doctest: +SKIP
    """

    def __init__(self, video: VideoInfo, mode: ShotMode = "index") -> None:
        if mode not in SHOT_MODES:
            raise ParameterError(
                f"mode must be one of {', '.join(map(repr, SHOT_MODES))}, got {mode!r}"
            )
        self.video = video
        self.mode = mode
        self._seen: dict[float, Bytes] = {}
        self._packets: Packets | None = None

    def __repr__(self) -> str:
        return f"ShotFinder({str(self.video.path)!r}, mode={self.mode!r})"

    def watch(self, samples: Iterable[FrameSample]) -> Iterator[FrameSample]:
        """Pass frames on and keep a very small copy of each, 2 KB.

        Parameters
        ----------
        samples : iterable of FrameSample
            Frames of the video.

        Yields
        ------
        FrameSample
            The same, in the same order.
        """
        self._seen.clear()
        for sample in samples:
            if self.mode != "exact":
                self._seen[sample.time] = shrink(sample.image)
            yield sample

    def finish(self, *, on_progress: ProgressCallback | None = None) -> Shots:
        """Return the shots.

        Parameters
        ----------
        on_progress : callable, optional
            Called with :class:`Progress`, stage ``"shots"``.

        Raises
        ------
        VideoOpenError
            If the file holds no picture that can be read.
        FFmpegError
            If ffmpeg fails.
        """
        video = self.video
        packets = self._packets = read_packets(video.path, video.video_index)
        if not len(packets):
            raise VideoOpenError(f"{str(video.path)!r} holds no picture that can be read any more")
        thorough = self.mode == "fast"
        # Which packets are decoded in what order is not known of raw streams.
        whole = self.mode == "exact" or (thorough and bool(np.isnan(packets.decoded).any()))
        told = on_progress
        if not whole:
            keys_told = share(on_progress, 0.0, _KEYS_LOOKED_AT)
            pictures = key_pictures(
                video, packets, self._seen, thorough=thorough, on_progress=keys_told
            )
            whole = thorough and not enough_keys(video, packets, pictures)
            told = share(on_progress, _KEYS_LOOKED_AT, 1.0)
        if whole:
            cuts, meter = _look_at_all(video, packets, told)
            activity = meter.finish(cuts, video.duration)
        else:
            cuts = cuts_from_keys(video, packets, pictures, thorough=thorough, on_progress=told)
            activity = _guessed_activity(video, packets, pictures, cuts)
        tell(on_progress, "shots", video.duration, video.duration)
        return _shots_of(cuts, video.duration, activity, guessed=not whole)

    def settle(
        self,
        shots: Shots,
        spans: Sequence[tuple[float, float]],
        *,
        on_progress: ProgressCallback | None = None,
    ) -> Shots:
        """Look for cuts within stretches of which :meth:`finish` has seen only the ends.

        Parameters
        ----------
        shots : Shots
            What :meth:`finish` returned.
        spans : sequence of (float, float)
            Seconds; what lies between is decoded from the key frame before.
        on_progress : callable, optional
            Called with :class:`Progress`, stage ``"shots"``.

        Returns
        -------
        Shots
            The same with the cuts that were found, to within one frame.

        Raises
        ------
        ParameterError
            If :meth:`finish` was not called before.
        FFmpegError
            If ffmpeg fails.
        """
        video, packets = self.video, self._packets
        if packets is None:
            raise ParameterError("settle() needs what finish() has read; call finish() first")
        if np.isnan(packets.decoded).any():
            return shots  # which packets are decoded in what order is not known of raw streams
        times = np.maximum(0.0, packets.starts - video.start_time)
        shown = np.sort(times)
        cuts = [
            Cut(float(time), kind, float(strength), float(time), float(time))
            for time, kind, strength in zip(shots.cuts, shots.kinds, shots.strength, strict=True)
        ]
        for run, (seen, images) in decode_runs(video, packets, runs_between(packets, times, spans)):
            tell(on_progress, "shots", run.start, video.duration)
            finder = CutFinder()
            finder.add(seen, images)
            inside = [placed(cut, seen, shown) for cut in finder.finish()]
            if inside:  # what was guessed there is known now
                cuts = [cut for cut in cuts if not run.start < cut.time <= run.stop + EARLY]
                cuts += inside
        tell(on_progress, "shots", video.duration, video.duration)
        found = thinned(sorted(cuts, key=lambda cut: cut.time))
        activity = (shots.activity_times, shots.activity)
        return _shots_of(found, video.duration, activity, guessed=shots.activity_is_guessed)


def _shots_of(
    cuts: Sequence[Cut], duration: float, activity: tuple[Floats, Floats], *, guessed: bool
) -> Shots:
    cuts = [cut for cut in cuts if 0 < cut.time < duration]
    return Shots(
        edges=[0.0, *(cut.time for cut in cuts), duration],
        strength=[cut.strength for cut in cuts],
        activity_times=activity[0],
        activity=activity[1],
        kinds=[cut.kind for cut in cuts],
        activity_is_guessed=guessed,
    )


def _guessed_activity(
    video: VideoInfo, packets: Packets, pictures: dict[float, Bytes], cuts: list[Cut]
) -> tuple[Floats, Floats]:
    if packets.is_key.all():  # sizes tell nothing where every frame is coded by itself
        meter = ActivityMeter()
        if pictures:
            meter.add(np.array(list(pictures)), np.stack(list(pictures.values())))
        return meter.finish(cuts, video.duration)
    times = np.maximum(0.0, packets.starts - video.start_time)
    sizes = packets.sizes.astype(np.float64)
    middles, guess = activity_of_sizes(times, sizes, packets.is_key, video.duration)
    return middles, guess * _moving(middles, pictures, cuts)


def _moving(middles: Floats, pictures: dict[float, Bytes], cuts: list[Cut]) -> Floats:
    """Whether anything has moved from one picture to the next at all, from 0 to 1.

    Bytes tell nothing of that where a rate must be filled, as with noise or a still picture.
    """
    if len(pictures) < 2:
        return np.zeros(len(middles))
    times = np.array(list(pictures))
    lumas = luma(np.stack(list(pictures.values()))).astype(np.float64)
    changes = np.abs(np.diff(lumas, axis=0)).mean(axis=(1, 2))
    usual = max(_LEAST_CONTRAST, float(np.median(lumas.std(axis=(1, 2)))))
    moving = np.clip(changes / usual / _MOVED, 0, 1)
    at = (times[:-1] + times[1:]) / 2
    marks = np.array([cut.time for cut in cuts])
    plain = np.searchsorted(marks, times[1:] + EARLY) == np.searchsorted(marks, times[:-1] + EARLY)
    if not plain.any():  # a cut between any two: nothing is known of what moves in between
        return np.ones(len(middles))
    found: Floats = np.interp(middles, at[plain], moving[plain])
    return found


def _look_at_all(
    video: VideoInfo, packets: Packets, on_progress: ProgressCallback | None
) -> tuple[list[Cut], ActivityMeter]:
    """Decode the film, as cheaply as can be."""
    shown = np.sort(np.maximum(0.0, packets.starts - video.start_time))
    for options in (CHEAPER, CHEAP):
        finder, meter = CutFinder(), ActivityMeter()
        decoded: list[Floats] = []
        with closing(batches(FrameStream(video, SMALL, before=options))) as stream:
            for times, images in stream:
                passed = int(np.searchsorted(shown, times[-1]))
                if options is CHEAPER and not decoded and len(times) < _ENOUGH * passed:
                    break
                finder.add(times, images)
                meter.add(times, images)
                decoded.append(times)
                tell(on_progress, "shots", float(times[-1]), video.duration)
        if decoded:
            break
    else:
        raise VideoOpenError(f"no picture of {str(video.path)!r} can be decoded")
    seen = np.concatenate(decoded)
    return [placed(cut, seen, shown) for cut in finder.finish()], meter
