"""What can be asked of the shell: arguments and options that several commands share."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # they load much more than options need
    from musify._look import Dynamics
    from musify.cues import Original

__all__ = [
    "Accessible",
    "Aggregator",
    "AudioStream",
    "Avoid",
    "Classifier",
    "DynamicsChoice",
    "DynamicsOption",
    "Gain",
    "Genre",
    "Json",
    "Library",
    "LoudnessOption",
    "MaxCues",
    "Moods",
    "Options",
    "OriginalChoice",
    "OriginalOption",
    "OutputFile",
    "Overwrite",
    "Sampler",
    "Selector",
    "SongWish",
    "Stems",
    "StepAside",
    "Video",
    "loudness_of",
]


class OriginalChoice(Enum):
    """What happens to the video's own sound."""

    auto = "auto"
    duck = "duck"
    keep = "keep"
    replace = "replace"
    second_track = "second-track"

    @property
    def chosen(self) -> "Original | None":
        """What :class:`Pipeline` takes."""
        return None if self is OriginalChoice.auto else self.value


class DynamicsChoice(Enum):
    """How cuts and motion are found."""

    index = "index"
    fast = "fast"
    exact = "exact"
    none = "none"

    @property
    def chosen(self) -> "Dynamics":
        """What :class:`Pipeline` takes."""
        return None if self is DynamicsChoice.none else self.value


Video = Annotated[Path, typer.Argument(metavar="VIDEO", help="The video; it is never changed.")]
OutputFile = Annotated[
    Path, typer.Argument(metavar="OUTPUT", help="What to write: .mp4, .m4v, .mov, .mkv or .webm.")
]
Library = Annotated[
    str | None,
    typer.Option("--library", "-l", help="A folder of songs, or the name of a library."),
]
OriginalOption = Annotated[
    OriginalChoice,
    typer.Option(
        help="What happens to the video's own sound: music steps back for its speech, never moves, "
        "replaces it, or becomes a second track; auto ducks where somebody speaks."
    ),
]
LoudnessOption = Annotated[
    str,
    typer.Option(
        help="Loudness of the whole: LUFS, or web, apple, podcast, ebu, atsc; none leaves it."
    ),
]
Accessible = Annotated[
    bool, typer.Option("--accessible", help="Music at least 20 dB under speech (WCAG 1.4.7).")
]
StepAside = Annotated[
    bool, typer.Option("--step-aside", help="No music where the video has music of its own.")
]
AudioStream = Annotated[
    int | None,
    typer.Option("--audio-stream", help="Number of the stream that is its own sound.", min=0),
]
Gain = Annotated[
    float | None,
    typer.Option(
        "--music-gain-db",
        help="Gain of the music, from -16 LUFS; by default by how loud own sound is that stays.",
    ),
]
DynamicsOption = Annotated[
    DynamicsChoice,
    typer.Option(help="How cuts and motion are found: cheaply, better, by all frames, or not."),
]
Stems = Annotated[
    Path | None,
    typer.Option(help="A folder for music, own sound and gain curve, each in a file."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the output if it exists.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]
Sampler = Annotated[str, typer.Option("--sampler", help="Which frame_sampler.")]
Classifier = Annotated[str, typer.Option("--classifier", help="Which mood_classifier.")]
Aggregator = Annotated[str, typer.Option("--aggregator", help="Which mood_aggregator.")]
Selector = Annotated[
    str | None,
    typer.Option(
        "--selector",
        help="Which track_selector; by default composer, or nearest where a library is given.",
        show_default=False,
    ),
]
Moods = Annotated[
    list[str] | None,
    typer.Option(
        "--mood",
        help="A mood to tell apart, instead of the four: NAME, NAME=VALENCE,AROUSAL, NAME=WORDS or "
        "NAME=FOLDER of pictures; may be repeated.",
        show_default=False,
    ),
]
Options = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        help="An option of a backend, such as frame_sampler.seconds=2; may be repeated.",
        show_default=False,
    ),
]
Genre = Annotated[
    list[str] | None,
    typer.Option("--genre", help="Only songs of this genre; may be repeated.", show_default=False),
]
SongWish = Annotated[
    list[str] | None,
    typer.Option(
        "--song",
        help="Only this song, by title, path or part of either; may be repeated.",
        show_default=False,
    ),
]
Avoid = Annotated[
    list[str] | None,
    typer.Option(
        "--avoid",
        help="No song whose title, path, artist or genre holds this; may be repeated.",
        show_default=False,
    ),
]
MaxCues = Annotated[
    int | None,
    typer.Option("--max-cues", help="The most entrances of music.", min=1, show_default=False),
]


def loudness_of(text: str) -> float | str | None:
    """Read a loudness as it is given at the shell."""
    if text == "none":
        return None
    try:
        return float(text)
    except ValueError:
        return text
