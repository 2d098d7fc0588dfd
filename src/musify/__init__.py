"""musify gives a video the music that fits it.

>>> import musify
>>> musify.DEFAULT_MOODS.names
('action', 'happy', 'sad', 'calm')
"""

import logging

from musify._version import __version__
from musify.audio.mix import mix
from musify.cues import Cue, CueSheet, SourceRange
from musify.errors import (
    AudioDecodeError,
    AuthenticationError,
    BackendError,
    EmptyLibraryError,
    FFmpegError,
    MediaError,
    MissingExtraError,
    MusifyError,
    MusifyWarning,
    NoSuitableTrackError,
    OutputError,
    ParameterError,
    PluginConflictError,
    PluginLoadError,
    SelectionError,
    ServiceError,
    UnknownBackendError,
    VideoOpenError,
)
from musify.hookspecs import BackendSpec, hookimpl
from musify.interfaces import (
    AudioMuxer,
    FrameSampler,
    MoodAggregator,
    MoodClassifier,
    SongLibrary,
    TrackSelector,
)
from musify.moods import DEFAULT_MOODS, KNOWN_MOODS, Mood, MoodSpace
from musify.notices import notify
from musify.pipeline import Pipeline, add_music
from musify.plugins import BackendInfo, get_backend, list_backends
from musify.progress import Progress, print_progress
from musify.results import Analysis, RunResult
from musify.samples import FrameSample
from musify.scores import MoodScores
from musify.shots import Shots
from musify.soundtrack import Soundtrack
from musify.timeline import MoodSegment, MoodTimeline
from musify.tracks import Licence, Track
from musify.video import StreamInfo, VideoInfo, probe

__all__ = [
    "DEFAULT_MOODS",
    "KNOWN_MOODS",
    "Analysis",
    "AudioDecodeError",
    "AudioMuxer",
    "AuthenticationError",
    "BackendError",
    "BackendInfo",
    "BackendSpec",
    "Cue",
    "CueSheet",
    "EmptyLibraryError",
    "FFmpegError",
    "FrameSample",
    "FrameSampler",
    "Licence",
    "MediaError",
    "MissingExtraError",
    "Mood",
    "MoodAggregator",
    "MoodClassifier",
    "MoodScores",
    "MoodSegment",
    "MoodSpace",
    "MoodTimeline",
    "MusifyError",
    "MusifyWarning",
    "NoSuitableTrackError",
    "OutputError",
    "ParameterError",
    "Pipeline",
    "PluginConflictError",
    "PluginLoadError",
    "Progress",
    "RunResult",
    "SelectionError",
    "ServiceError",
    "Shots",
    "SongLibrary",
    "Soundtrack",
    "SourceRange",
    "StreamInfo",
    "Track",
    "TrackSelector",
    "UnknownBackendError",
    "VideoInfo",
    "VideoOpenError",
    "__version__",
    "add_music",
    "get_backend",
    "hookimpl",
    "list_backends",
    "mix",
    "notify",
    "print_progress",
    "probe",
]

logging.getLogger(__name__).addHandler(logging.NullHandler())
