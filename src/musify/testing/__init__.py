"""What tests of musify, and of backends for it, are made with.

>>> from musify.testing import check_mood_classifier
>>> check_mood_classifier(get_backend("mood_classifier", "palette"))

``check_...`` functions hold the rules of an interface against a backend, anywhere; classes called
``...Contract`` are the same rules as tests of pytest, to subclass. Both take exceptions, which name
rules and give reasons. pytest is needed, and imported, for the classes and fixtures alone.
"""

import importlib
from typing import TYPE_CHECKING

from musify.errors import MissingExtraError
from musify.testing.checks import (
    RULES,
    check_audio_muxer,
    check_frame_sampler,
    check_mood_aggregator,
    check_mood_classifier,
    check_song_library,
    check_track_selector,
)
from musify.testing.fakes import (
    FAKE_MUXER_EXCEPTIONS,
    FAKE_SAMPLER_EXCEPTIONS,
    FakeAggregator,
    FakeClassifier,
    FakeLibrary,
    FakeMuxer,
    FakeSampler,
    FakeSelector,
)
from musify.testing.generated_songs import GeneratedSong, generated_song
from musify.testing.generated_speech import GeneratedSpeech, generated_speech
from musify.testing.isolation import Plugins, only_builtin_plugins
from musify.testing.media import (
    as_soundtrack,
    speech_like,
    tiny_songs,
    tiny_video,
    tone,
    write_wav,
)
from musify.testing.rules import ContractError, Rule
from musify.testing.skeleton import new_plugin

if TYPE_CHECKING:
    from musify.testing.contracts import (
        AudioMuxerContract,
        FrameSamplerContract,
        MoodAggregatorContract,
        MoodClassifierContract,
        SongLibraryContract,
        TrackSelectorContract,
    )

__all__ = [
    "FAKE_MUXER_EXCEPTIONS",
    "FAKE_SAMPLER_EXCEPTIONS",
    "RULES",
    "AudioMuxerContract",
    "ContractError",
    "FakeAggregator",
    "FakeClassifier",
    "FakeLibrary",
    "FakeMuxer",
    "FakeSampler",
    "FakeSelector",
    "FrameSamplerContract",
    "GeneratedSong",
    "GeneratedSpeech",
    "MoodAggregatorContract",
    "MoodClassifierContract",
    "Plugins",
    "Rule",
    "SongLibraryContract",
    "TrackSelectorContract",
    "as_soundtrack",
    "check_audio_muxer",
    "check_frame_sampler",
    "check_mood_aggregator",
    "check_mood_classifier",
    "check_song_library",
    "check_track_selector",
    "generated_song",
    "generated_speech",
    "new_plugin",
    "only_builtin_plugins",
    "speech_like",
    "tiny_songs",
    "tiny_video",
    "tone",
    "write_wav",
]


def __getattr__(name: str) -> object:
    if not (name in __all__ and name.endswith("Contract")):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        contracts = importlib.import_module("musify.testing.contracts")
    except ModuleNotFoundError as error:
        if error.name != "pytest":
            raise
        raise MissingExtraError(
            f"{name} needs the module 'pytest', which is not installed;\n"
            "install it with: pip install 'musify-video[testing]'"
        ) from error
    return getattr(contracts, name)
