"""The built-in backends, offered through the same hooks as everybody's."""

from collections.abc import Iterator
from typing import Any

from musify.hookspecs import BackendSpec, hookimpl

HERE = "musify.backends"


@hookimpl
def musify_frame_samplers() -> Iterator[BackendSpec[Any]]:
    """Offer the built-in samplers."""
    yield BackendSpec(
        "interval",
        f"{HERE}.interval_sampler:IntervalSampler",
        "a frame every few seconds, at exact times",
    )
    yield BackendSpec(
        "keyframe",
        f"{HERE}.keyframe_sampler:KeyframeSampler",
        "one key frame every few seconds, at true times; many times cheaper",
    )
    yield BackendSpec(
        "shot",
        f"{HERE}.shot_sampler:ShotSampler",
        "one to three frames of every shot, away from the cuts",
    )


@hookimpl
def musify_mood_classifiers() -> Iterator[BackendSpec[Any]]:
    """Offer the built-in classifiers."""
    yield BackendSpec(
        "local",
        f"{HERE}.local_classifier:LocalClassifier",
        "what is on the picture, by networks that are shipped; offline, no key",
    )
    yield BackendSpec(
        "trained",
        f"{HERE}.trained_classifier:TrainedClassifier",
        "your own moods, learnt from your pictures with `musify train local`",
    )
    yield BackendSpec(
        "clarifai",
        f"{HERE}.clarifai_classifier:ClarifaiClassifier",
        "a model on Clarifai, theirs or yours; needs a key",
        install="clarifai-grpc",
    )
    yield BackendSpec(
        "palette",
        f"{HERE}.palette_classifier:PaletteClassifier",
        "brightness and saturation only; offline, instant, and a rough guess",
    )


@hookimpl
def musify_mood_aggregators() -> Iterator[BackendSpec[Any]]:
    """Offer the built-in aggregators."""
    yield BackendSpec(
        "majority",
        f"{HERE}.majority_aggregator:MajorityAggregator",
        "one mood for the whole video, by vote, as in 2016",
    )
    yield BackendSpec(
        "scenes",
        f"{HERE}.scenes_aggregator:ScenesAggregator",
        "the cheapest sequence of moods, none shorter than a given length",
    )


@hookimpl
def musify_track_selectors() -> Iterator[BackendSpec[Any]]:
    """Offer the built-in selectors."""
    yield BackendSpec(
        "composer",
        f"{HERE}.composer_selector:ComposerSelector",
        "music written for this very video, section by section; needs no songs",
    )
    yield BackendSpec(
        "nearest",
        f"{HERE}.nearest_selector:NearestSelector",
        "the song nearest in the valence-arousal plane, for each scene",
    )
    yield BackendSpec(
        "musicgen",
        f"{HERE}.musicgen_selector:MusicgenSelector",
        "a neural model plays what the composer plans; mind its licence",
        install="musify-video[neural]",
    )
    yield BackendSpec(
        "letter-code",
        f"{HERE}.letter_code_selector:LetterCodeSelector",
        "one song named by two letters (AA, HH, SS, CC, CH, AH, CS, AS), as in 2016",
    )


@hookimpl
def musify_song_libraries() -> Iterator[BackendSpec[Any]]:
    """Offer the built-in libraries."""
    yield BackendSpec(
        "bundled",
        f"{HERE}.bundled_library:BundledLibrary",
        "28 songs in an installable pack, MIT-licensed",
        install="musify-video[songs]",
    )
    yield BackendSpec(
        "folder",
        f"{HERE}.folder_library:FolderLibrary",
        "your own audio files in a folder",
    )
    yield BackendSpec(
        "openverse",
        f"{HERE}.openverse_library:OpenverseLibrary",
        "free music from Openverse, by mood, length and tempo; no key",
        install="musify-video[online]",
    )
    yield BackendSpec(
        "jamendo",
        f"{HERE}.jamendo_library:JamendoLibrary",
        "free music from Jamendo, by mood, length and tempo; a client id",
        install="musify-video[online]",
    )


@hookimpl
def musify_audio_muxers() -> Iterator[BackendSpec[Any]]:
    """Offer the built-in muxer."""
    yield BackendSpec(
        "ffmpeg",
        f"{HERE}.ffmpeg_muxer:FfmpegMuxer",
        "copies every stream bit for bit and adds the new sound first",
    )
