"""musify gives a video the music that fits it.

>>> import musify
>>> musify.DEFAULT_MOODS.names
('action', 'happy', 'sad', 'calm')

All but the errors are imported when they are first used, so that ``import musify`` costs next to
nothing.
"""

import importlib
import logging
import typing

from musify._version import __version__
from musify.errors import (
    AudioDecodeError,
    AuditError,
    AuthenticationError,
    BackendError,
    CancelledError,
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

if typing.TYPE_CHECKING:
    from musify._print_progress import print_progress
    from musify.audio.analyze_song import analyze_song
    from musify.audio.ducking import duck
    from musify.audio.fit import Fit, fit_song
    from musify.audio.mix import mix
    from musify.audio.speech import Speech, find_speech
    from musify.audio.speech_report import SpeechReport
    from musify.audit import Audit, AuditFinding, StreamAudit, audit_file
    from musify.cancelling import CancelToken, checkpoint
    from musify.choosing import Candidate, Reason
    from musify.clarifai.training import train_clarifai
    from musify.clarifai.training_report import ClarifaiTraining
    from musify.composer.score import Score
    from musify.composer.style.load import list_styles
    from musify.composing import compose
    from musify.cues import Cue, CueSheet, SourceRange
    from musify.demo import make_demo_video
    from musify.evidence import Evidence
    from musify.exchange.cue_report import cue_report
    from musify.exchange.editing_timeline import write_otio
    from musify.exchange.stems import write_stems
    from musify.gain_curve import GainCurve
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
    from musify.one_call import add_music
    from musify.online.collect import collect_pictures
    from musify.online.collect_report import CollectedMood, CollectReport
    from musify.online.fetch_video import fetch_video
    from musify.origins import FetchedVideo, VideoOrigin
    from musify.pipeline import Pipeline
    from musify.plugins import BackendInfo, get_backend, list_backends
    from musify.progress import Progress
    from musify.results import Analysis, RunResult
    from musify.samples import FrameSample
    from musify.scores import MoodScores
    from musify.shots import Shots
    from musify.songs import SongAnalysis
    from musify.soundtrack import Soundtrack
    from musify.suggesting import suggest
    from musify.tags import SceneTags, explain, scene_tags
    from musify.timeline import MoodSegment, MoodTimeline
    from musify.tracks import Licence, Track
    from musify.video import StreamInfo, VideoInfo, probe
    from musify.vision.example_pictures import mood_from_pictures
    from musify.vision.find_shots import ShotFinder, find_shots
    from musify.vision.training import train_local
    from musify.vision.training_report import TrainingReport, WrongPicture

__all__ = [
    "DEFAULT_MOODS",
    "KNOWN_MOODS",
    "Analysis",
    "AudioDecodeError",
    "AudioMuxer",
    "Audit",
    "AuditError",
    "AuditFinding",
    "AuthenticationError",
    "BackendError",
    "BackendInfo",
    "BackendSpec",
    "CancelToken",
    "CancelledError",
    "Candidate",
    "ClarifaiTraining",
    "CollectReport",
    "CollectedMood",
    "Cue",
    "CueSheet",
    "EmptyLibraryError",
    "Evidence",
    "FFmpegError",
    "FetchedVideo",
    "Fit",
    "FrameSample",
    "FrameSampler",
    "GainCurve",
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
    "Reason",
    "RunResult",
    "SceneTags",
    "Score",
    "SelectionError",
    "ServiceError",
    "ShotFinder",
    "Shots",
    "SongAnalysis",
    "SongLibrary",
    "Soundtrack",
    "SourceRange",
    "Speech",
    "SpeechReport",
    "StreamAudit",
    "StreamInfo",
    "Track",
    "TrackSelector",
    "TrainingReport",
    "UnknownBackendError",
    "VideoInfo",
    "VideoOpenError",
    "VideoOrigin",
    "WrongPicture",
    "__version__",
    "add_music",
    "analyze_song",
    "audit_file",
    "checkpoint",
    "collect_pictures",
    "compose",
    "cue_report",
    "duck",
    "explain",
    "fetch_video",
    "find_shots",
    "find_speech",
    "fit_song",
    "get_backend",
    "hookimpl",
    "list_backends",
    "list_styles",
    "make_demo_video",
    "mix",
    "mood_from_pictures",
    "notify",
    "print_progress",
    "probe",
    "scene_tags",
    "suggest",
    "train_clarifai",
    "train_local",
    "write_otio",
    "write_stems",
]

_HOMES = {
    "cancelling": "CancelToken checkpoint",
    "choosing": "Candidate Reason",
    "composer.score": "Score",
    "composing": "compose",
    "suggesting": "suggest",
    "gain_curve": "GainCurve",
    "songs": "SongAnalysis",
    "audio.analyze_song": "analyze_song",
    "audio.fit": "Fit fit_song",
    "audio.speech": "Speech find_speech",
    "audio.speech_report": "SpeechReport",
    "audio.ducking": "duck",
    "exchange.cue_report": "cue_report",
    "exchange.editing_timeline": "write_otio",
    "exchange.stems": "write_stems",
    "audio.mix": "mix",
    "audit": "Audit AuditFinding StreamAudit audit_file",
    "clarifai.training": "train_clarifai",
    "clarifai.training_report": "ClarifaiTraining",
    "cues": "Cue CueSheet SourceRange",
    "evidence": "Evidence",
    "hookspecs": "BackendSpec hookimpl",
    "interfaces": "AudioMuxer FrameSampler MoodAggregator MoodClassifier SongLibrary TrackSelector",
    "moods": "DEFAULT_MOODS KNOWN_MOODS Mood MoodSpace",
    "notices": "notify",
    "one_call": "add_music",
    "online.collect": "collect_pictures",
    "online.collect_report": "CollectReport CollectedMood",
    "online.fetch_video": "fetch_video",
    "origins": "FetchedVideo VideoOrigin",
    "pipeline": "Pipeline",
    "plugins": "BackendInfo get_backend list_backends",
    "_print_progress": "print_progress",
    "composer.style.load": "list_styles",
    "demo": "make_demo_video",
    "progress": "Progress",
    "results": "Analysis RunResult",
    "samples": "FrameSample",
    "scores": "MoodScores",
    "shots": "Shots",
    "soundtrack": "Soundtrack",
    "timeline": "MoodSegment MoodTimeline",
    "tags": "SceneTags explain scene_tags",
    "tracks": "Licence Track",
    "video": "StreamInfo VideoInfo probe",
    "vision.example_pictures": "mood_from_pictures",
    "vision.find_shots": "ShotFinder find_shots",
    "vision.training": "train_local",
    "vision.training_report": "TrainingReport WrongPicture",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

logging.getLogger(__name__).addHandler(logging.NullHandler())


if not typing.TYPE_CHECKING:  # type checkers are to refuse names that are not there

    def __getattr__(name: str) -> typing.Any:
        """Import a public name on first use."""
        if name not in _HOME_OF:
            raise AttributeError(f"module 'musify' has no attribute {name!r}")
        value = getattr(importlib.import_module(f"musify.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
