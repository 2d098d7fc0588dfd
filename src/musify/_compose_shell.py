"""``musify compose``: music that is written, at the shell."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from musify._clock import clock
from musify._output import check_output
from musify._run import Run
from musify._score_sections import played_sections
from musify._shell import Shell
from musify._shell_options import DynamicsChoice, DynamicsOption, Json, Overwrite
from musify._shell_output import say, show_json, table
from musify._shell_parts import (
    Energy,
    Instruments,
    KeyName,
    Seed,
    SoundFontFile,
    StyleName,
    Tempo,
)
from musify.audio.audio_file import AUDIO_ENDINGS, check_audio_name
from musify.errors import ParameterError
from musify.pipeline import Pipeline
from musify.progress import ProgressCallback

if TYPE_CHECKING:
    from musify.composer.score import Score
    from musify.composer.score_files import ScoreOutputs
    from musify.composing import ComposingWishes

__all__ = ["add_compose"]


def add_compose(shell: Shell) -> None:
    """Add the command ``musify compose``."""

    @shell.command("compose")
    def compose_music(
        video: Annotated[
            Path | None,
            typer.Argument(metavar="VIDEO", help="The video it is for; it is never changed."),
        ] = None,
        output: Annotated[
            Path | None,
            typer.Option("--output", "-o", help=f"The sound: {', '.join(AUDIO_ENDINGS)}."),
        ] = None,
        midi: Annotated[Path | None, typer.Option(help="The notes, as a MIDI file.")] = None,
        stems: Annotated[
            Path | None, typer.Option(help="A folder for melody, harmony, bass and so on.")
        ] = None,
        score: Annotated[
            Path | None, typer.Option(help="The score, as JSON: to edit, and play again.")
        ] = None,
        mood: Annotated[
            str | None,
            typer.Option(help="Moods without a video: 'happy 20s, tense 15s, calm'."),
        ] = None,
        length: Annotated[
            str | None, typer.Option(help="Length of the whole without a video: 0:45 or 45.")
        ] = None,
        source: Annotated[
            Path | None, typer.Option("--from", help="A score to play again instead.")
        ] = None,
        rewrite: Annotated[
            int | None,
            typer.Option(help="Write this section anew, counted from 1; needs --seed.", min=1),
        ] = None,
        style: StyleName = None,
        tempo: Tempo = None,
        key: KeyName = None,
        instruments: Instruments = None,
        energy: Energy = None,
        soundfont: SoundFontFile = None,
        seed: Seed = None,
        sample_rate: Annotated[int, typer.Option(help="PCM frames a second.")] = 48_000,
        dynamics: DynamicsOption = DynamicsChoice.index,
        overwrite: Overwrite = False,
        as_json: Json = False,
    ) -> None:
        """Write music: for a video, for moods, or from a score."""
        # Other commands need none of the composer, and shall start as quickly as ever.
        from musify.composer.score import Score  # noqa: PLC0415
        from musify.composer.score_files import ScoreOutputs, write_outputs  # noqa: PLC0415
        from musify.composing import ComposingWishes, compose  # noqa: PLC0415

        wishes: dict[str, Any] = {
            name: value
            for name, value in (
                ("style", style),
                ("tempo", tempo),
                ("key", key),
                ("instruments", instruments),
                ("energy", energy),
            )
            if value is not None
        }
        with shell.working(as_json=as_json) as on_progress:
            _check_sources(video, mood, length, source, rewrite, seed, wishes)
            outputs = ScoreOutputs(output, midi, score, stems)
            kept = tuple(path for path in (video, source, soundfont) if path is not None)
            _check_outputs(outputs, overwrite=overwrite, inputs=kept)
            asked = ComposingWishes(**wishes, seed=seed or 0, soundfont=soundfont)
            if source is not None:
                made = Score.load(source)
                if rewrite is not None:
                    made = made.rewritten(rewrite - 1, seed or 0)
            elif video is not None:
                made = _for_video(video, asked, dynamics, on_progress)
            else:
                made = compose(mood or "", length, **wishes, seed=seed or 0)
            with Run(on_progress) as run, run.stage("render"):
                written = write_outputs(
                    made,
                    outputs,
                    sample_rate=sample_rate,
                    soundfont=soundfont,
                    overwrite=overwrite,
                    listened=lambda sound: run.listened(sound, "render"),
                )
        if as_json:
            show_json(_record(made, written))
        elif not shell.is_quiet:
            _show(made)
            say("")
            for path in written:
                say(f"wrote {path}")


def _check_sources(
    video: Path | None,
    mood: str | None,
    length: str | None,
    source: Path | None,
    rewrite: int | None,
    seed: int | None,
    wishes: dict[str, Any],
) -> None:
    given = [
        name
        for name, value in (("VIDEO", video), ("--mood", mood), ("--from", source))
        if value is not None
    ]
    if len(given) != 1:
        got = " and ".join(given) or "none of them"
        raise ParameterError(f"give a video, --mood or --from, one of the three; got {got}")
    if length is not None and mood is None:
        raise ParameterError(
            f"--length goes with --mood; with {given[0]} the music is as long as that"
        )
    if source is None:
        if rewrite is not None:
            raise ParameterError("--rewrite goes with --from: it changes a score that there is")
        return
    if wishes:
        raise ParameterError(
            f"--{next(iter(wishes))} is for music that is composed; the score of --from is played "
            "as it stands, but for the section of --rewrite"
        )
    if (rewrite is None) != (seed is None):
        raise ParameterError("--rewrite and --seed go together: which section, and from what")


def _check_outputs(outputs: "ScoreOutputs", *, overwrite: bool, inputs: tuple[Path, ...]) -> None:
    """Refuse early what cannot be written."""
    if not outputs.files and outputs.stems is None:
        raise ParameterError("say what to write: -o SOUND, --midi, --score or --stems")
    if outputs.sound is not None:
        check_audio_name(outputs.sound)
    for path in outputs.files:
        check_output(path, overwrite=overwrite, inputs=inputs)


def _for_video(
    video: Path,
    wishes: "ComposingWishes",
    dynamics: DynamicsChoice,
    on_progress: ProgressCallback | None,
) -> "Score":
    from musify.composing import composed, cut_strengths  # noqa: PLC0415 - as above

    found = Pipeline(dynamics=dynamics.chosen, on_progress=on_progress).analyze(video)
    strengths = cut_strengths(found.timeline, found.shots)
    return composed(wishes.commission(found.timeline, strengths))


def _record(score: "Score", written: tuple[Path, ...]) -> dict[str, Any]:
    """Describe a score for a machine."""
    document = score.to_dict()
    kept = ("style", "seed", "duration", "sections")
    parts = [
        {
            "name": part.name,
            "role": part.role,
            "instrument": part.instrument,
            "notes": len(part.notes),
        }
        for part in score.parts
    ]
    return {
        "title": score.title,
        "credit": score.credit,
        **{name: document[name] for name in kept},
        "parts": parts,
        "written": [str(path) for path in written],
    }


def _show(score: "Score") -> None:
    sections = played_sections(score)
    rows = [
        (
            str(place),
            clock(one.start),
            clock(one.end),
            one.mood,
            one.name,
            one.key,
            f"{one.bpm:.0f}",
        )
        for place, one in enumerate(sections, 1)
    ]
    rings = sections[-1].end if sections else 0.0
    rows.append(("", clock(rings), clock(score.duration), "", "the last chord rings", "", ""))
    table(score.title, ("", "from", "to", "mood", "section", "key", "bpm"), rows)
    say("")
    parts = [(part.name, part.instrument, part.role, str(len(part.notes))) for part in score.parts]
    table("Parts", ("part", "instrument", "role", "notes"), parts)
    say("")
    say(score.credit)
