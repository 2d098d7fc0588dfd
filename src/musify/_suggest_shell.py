"""``musify suggest``: songs that would fit a video, at the shell."""

from pathlib import Path
from typing import Annotated, Any

import typer

from musify._shell import Shell
from musify._shell_options import (
    Avoid,
    DynamicsChoice,
    DynamicsOption,
    Genre,
    Json,
    Library,
    Overwrite,
    SongWish,
    Video,
)
from musify._shell_output import say, show_json, table
from musify._song_previews import write_previews
from musify.choosing import Candidate
from musify.libraries import default_library, open_library
from musify.pipeline import Pipeline
from musify.suggesting import suggest

__all__ = ["add_suggest", "candidate_record"]


def candidate_record(candidate: Candidate, preview: Path | None = None) -> dict[str, Any]:
    """Describe a candidate for a machine."""
    track = candidate.track
    return {
        "path": str(track.path),
        "title": track.title,
        "artist": track.artist,
        "licence": None if track.licence is None else track.licence.name,
        "distance": candidate.distance,
        "reasons": {
            reason.axis: {"cost": reason.cost, "words": reason.words}
            for reason in candidate.reasons
        },
        "preview": None if preview is None else str(preview),
    }


def add_suggest(shell: Shell) -> None:
    """Add the command ``suggest`` to the shell."""

    @shell.command("suggest")
    def suggest_songs(
        video: Video,
        library: Library = None,
        count: Annotated[int, typer.Option(help="How many songs.", min=1)] = 5,
        genre: Genre = None,
        song: SongWish = None,
        avoid: Avoid = None,
        seed: Annotated[int, typer.Option(help="Decides among equals.", min=0)] = 0,
        dynamics: DynamicsOption = DynamicsChoice.index,
        previews: Annotated[
            Path | None,
            typer.Option(metavar="DIR", help="Write 15 s of each song with the video, as .m4a."),
        ] = None,
        overwrite: Overwrite = False,
        as_json: Json = False,
    ) -> None:
        """Name the songs that would fit a video best, with the reasons."""
        with shell.working(as_json=as_json) as on_progress:
            songs = default_library() if library is None else open_library(library)
            pipeline = Pipeline(library=songs, dynamics=dynamics.chosen, on_progress=on_progress)
            found = pipeline.analyze(video)
            named = suggest(
                found,
                songs,
                count=count,
                seed=seed,
                genre=genre or (),
                song=song or (),
                avoid=avoid or (),
            )
            files: list[Path] = []
            if previews is not None:
                files = write_previews(
                    named, found.video, found.timeline, previews, overwrite=overwrite
                )
        if as_json:
            shown = [*files, *[None] * (len(named) - len(files))]
            rows = [candidate_record(*row) for row in zip(named, shown, strict=True)]
            show_json({"input": str(found.video.path), "candidates": rows})
        elif not shell.is_quiet:
            _show(named)
            for file in files:
                say(f"wrote {file}")


def _show(named: tuple[Candidate, ...]) -> None:
    rows = [
        (
            str(place),
            one.track.title,
            f"{one.distance:.2f}",
            "; ".join(
                f"{reason.axis} {reason.cost:.2f}: {reason.words}"
                for reason in sorted(one.reasons, key=lambda reason: -reason.cost)
                if reason.cost >= 0.005 and reason.axis != "chance"
            ),
        )
        for place, one in enumerate(named, 1)
    ]
    table("Songs", ("", "title", "away", "what speaks against it"), rows)
