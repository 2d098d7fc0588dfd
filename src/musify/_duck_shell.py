"""``musify duck``: music under speech, at the shell."""

import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from musify._clock import clock
from musify._containers import CONTAINERS
from musify._output import check_output
from musify._shell import Shell, reported
from musify._shell_options import Json, Overwrite
from musify._shell_output import say, show_json, table
from musify.audio.audio_file import AUDIO_ENDINGS, write_audio
from musify.audio.ducking import RATIOS_DB, Ducking, duck_under
from musify.audio.heard import HeardFile
from musify.audio.speech import find_speech
from musify.audio.under_speech import mixed_under, music_alone
from musify.errors import ParameterError
from musify.plugins import get_backend

__all__ = ["add_duck", "ducking_record"]

_Preset = Enum("_Preset", {name: name for name in RATIOS_DB})  # type: ignore[misc] # from one list
_MOST_ROWS: Final = 200


class _Detector(Enum):
    silero = "silero"
    energy = "energy"


def ducking_record(found: Ducking) -> dict[str, Any]:
    """Describe for a machine what was found, decided and measured."""
    return {
        "duration": found.speech.duration,
        "detector": found.speech.detector,
        "speech": found.speech.intervals.round(3).tolist(),
        "own_music": found.speech.music.round(3).tolist(),
        "curve": found.curve.to_dict(),
        "report": found.report.to_dict(),
    }


def add_duck(shell: Shell) -> None:
    """Add the command ``duck`` to the shell."""

    @shell.command()
    def duck(
        source: Annotated[
            Path, typer.Argument(metavar="SPEECH", help="A video or a file of sound with speech.")
        ],
        music: Annotated[Path, typer.Argument(metavar="MUSIC", help="A file of music.")],
        output: Annotated[
            Path | None,
            typer.Option(
                "--output",
                "-o",
                help="The mix to write: a file of sound or, of a video, a video.",
            ),
        ] = None,
        preset: Annotated[
            _Preset, typer.Option(help="Music 15, 10 or 20 dB below speech.")
        ] = _Preset["balanced"],
        ratio_db: Annotated[
            float | None, typer.Option(help="Another ratio of speech to music, in dB.")
        ] = None,
        accessible: Annotated[
            bool, typer.Option("--accessible", help="Music at least 20 dB below (WCAG 1.4.7).")
        ] = False,
        music_gain_db: Annotated[
            float, typer.Option(help="Gain of the music where nobody speaks.")
        ] = 0.0,
        detector: Annotated[
            _Detector, typer.Option(help="How speech is found.")
        ] = _Detector.silero,
        step_aside: Annotated[
            bool,
            typer.Option("--step-aside", help="No music where SPEECH has music of its own."),
        ] = False,
        music_only: Annotated[
            bool, typer.Option("--music-only", help="Write the music alone, turned down.")
        ] = False,
        overwrite: Overwrite = False,
        as_json: Json = False,
        as_csv: Annotated[
            bool, typer.Option("--csv", help="Print the gain curve as CSV, and nothing else.")
        ] = False,
    ) -> None:
        """Put music under speech: down before the words, and back up in pauses.

        Without OUTPUT nothing but the gain curve is made; print it with --json or --csv.
        """
        with reported():
            if output is None and not (as_json or as_csv):
                raise ParameterError("give a file to write with --output, or --json, or --csv")
            if output is not None:
                _check_ending(output)
                check_output(output, overwrite=overwrite, inputs=(source, music))
            own = HeardFile.of(source)
            speech = find_speech(own.video or own.path, detector=detector.value)
            sound = music_alone(HeardFile.of(music), speech.duration, gain_db=music_gain_db)
            found = duck_under(
                own.video or own.path,
                sound,
                speech=speech,
                preset=preset.value,
                ratio_db=ratio_db,
                accessible=accessible,
                step_aside=step_aside,
            )
            if output is not None:
                mix = mixed_under(own, sound, found.curve, keep_own=not music_only)
                if output.suffix.lower() in CONTAINERS and own.video is not None:
                    get_backend("audio_muxer", "ffmpeg").mux(
                        own.video,
                        mix,
                        output,
                        original="replace" if music_only else "keep",
                        overwrite=overwrite,
                    )
                else:
                    write_audio(output, mix, overwrite=overwrite)
        if as_json:
            show_json(ducking_record(found))
        elif as_csv:
            if sys.stdout is not None:
                sys.stdout.write(found.curve.to_csv())
        elif not shell.is_quiet:
            _show(found)
            say("")
            say(f"wrote {output}")


def _check_ending(output: Path) -> None:
    if output.suffix.lower() not in (*CONTAINERS, *AUDIO_ENDINGS):
        raise ParameterError(
            f"the output ends in {', '.join((*AUDIO_ENDINGS, *CONTAINERS))}, got {str(output)!r}"
        )


def _show(found: Ducking) -> None:
    report = found.report
    rows = [
        (clock(start), clock(end), f"{speech:.1f}", f"{music:.1f}", f"{ratio:.1f}")
        for (start, end), speech, music, ratio in zip(
            report.intervals,
            report.speech_lufs,
            report.music_lufs,
            report.ratio_db,
            strict=True,
        )
    ]
    columns = ("from", "to", "speech (LUFS)", "music (LUFS)", "ratio (dB)")
    table("Speech over music", columns, rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        say(f"... {len(rows) - _MOST_ROWS} more utterances")
    if not rows:
        say("nobody speaks; the music stays at its level")
    if len(found.speech.music):
        spans = ", ".join(f"{clock(start)} to {clock(end)}" for start, end in found.speech.music)
        say(f"the sound has music of its own: {spans} (see --step-aside)")
