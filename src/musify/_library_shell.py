"""``musify library``: what musify knows of your songs, at the shell."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from musify._library_output import (
    check_record,
    check_table,
    entry_record,
    show_entry,
    song_table,
    update_record,
)
from musify._shell import Shell, reported
from musify._shell_moods import read_moods
from musify._shell_options import Json
from musify._shell_output import say, show_json
from musify.errors import ParameterError
from musify.index.find_songs import folder_of, known_song_folders, locate
from musify.index.own_notes import read_notes
from musify.index.song_folder import SongFolder
from musify.moods import Mood

__all__ = ["add_library"]

Folders = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FOLDER]...", help="By default every folder that was added."),
]
Song = Annotated[
    str, typer.Argument(metavar="SONG", help="A file, or part of the title or name of one.")
]


def add_library(shell: Shell) -> None:
    """Add the commands below ``musify library``."""
    library = shell.group(
        "library", "Know your own songs: listen to them once, and say what you know better."
    )

    @library.command()
    def add(
        paths: Annotated[
            list[Path],
            typer.Argument(metavar="FOLDER...", help="Folders of songs; or songs taken out."),
        ],
        tags_only: Annotated[
            bool, typer.Option("--tags-only", help="Read tags, without listening.")
        ] = False,
        workers: Annotated[
            int | None,
            typer.Option(help="Songs at a time; by default one a core.", min=1, max=64),
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Listen to the songs in folders, or to those that are new or changed since.

        It may be interrupted: what is done is kept, and the next time goes on from there.
        """
        records = []
        with reported():
            for path in paths:
                if path.is_file():
                    folder = folder_of(path)
                    records.append(entry_record(folder.leave_out(path, left_out=False)))
                    continue
                folder = SongFolder(path)
                file = folder.settle()
                with shell.progress_bar(as_json=as_json) as on_progress:
                    done = folder.update(
                        listening=not tags_only,
                        again=True,
                        thorough=True,
                        workers=workers,
                        on_progress=on_progress,
                    )
                records.append(update_record(folder, file, done))
                if not (as_json or shell.is_quiet):
                    say(
                        f"{path}: {done.songs} songs, {len(done.heard)} listened to, "
                        f"{len(done.moved)} moved, {len(done.missing)} missing, "
                        f"{len(done.broken)} broken"
                    )
                    for name, fault in done.broken.items():
                        say(f"  broken: {name}: {fault}")
        if as_json:
            show_json(records)

    @library.command("list")
    def list_songs(folders: Folders = None, as_json: Json = False) -> None:
        """List songs, and where what is known of them comes from."""
        with reported():
            entries = [entry for folder in _chosen(folders) for entry in _indexed(folder).entries()]
        if as_json:
            show_json([entry_record(entry) for entry in entries])
        else:
            song_table(entries)

    @library.command()
    def show(song: Song, as_json: Json = False) -> None:
        """Show everything that is known of a song."""
        with reported():
            folder, entry = locate(song)
            analysis = entry.track.analysis if entry.track is not None else None
        if as_json:
            show_json(entry_record(entry, analysis))
        else:
            show_entry(folder, entry, analysis)

    @library.command()
    def tag(
        song: Song,
        mood: Annotated[
            str | None,
            typer.Option(help="NAME, NAME=VALENCE,AROUSAL, NAME=WORDS or NAME=FOLDER of pictures."),
        ] = None,
        title: Annotated[str | None, typer.Option(help="Its title.")] = None,
        artist: Annotated[str | None, typer.Option(help="Who made it.")] = None,
        genre: Annotated[str | None, typer.Option(help="Such as ambient.")] = None,
        bpm: Annotated[float | None, typer.Option(help="Beats a minute.")] = None,
        key: Annotated[str | None, typer.Option(help="Such as 'D minor'.")] = None,
        licence: Annotated[str | None, typer.Option(help="Such as CC-BY-4.0.")] = None,
        attribution: Annotated[str | None, typer.Option(help="The credit it asks for.")] = None,
        instrumental: Annotated[
            bool | None, typer.Option("--instrumental/--sung", help="Whether nobody sings.")
        ] = None,
        clear: Annotated[
            bool, typer.Option("--clear", help="First take back all that was said before.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Say what you know better; it wins over tags and analysis. The file is not changed."""
        with reported():
            folder, entry = locate(song)
            words: dict[str, Any] = {
                "mood": None if mood is None else _mood(folder, mood),
                "title": title,
                "artist": artist,
                "genre": genre,
                "bpm": bpm,
                "key": key,
                "licence": licence,
                "attribution": attribution,
                "instrumental": instrumental,
            }
            words = {name: value for name, value in words.items() if value is not None}
            if not words and not clear:
                raise ParameterError("say what of the song: --mood, --bpm, --key or another option")
            entry = folder.tag(entry.path, words, clear=clear)
        if as_json:
            show_json(entry_record(entry))
        elif not shell.is_quiet:
            song_table([entry])

    @library.command()
    def check(folders: Folders = None, as_json: Json = False) -> None:
        """Say in what folders differ from their indexes: new, changed, moved, missing, broken.

        The exit status is 1 if they do. Nothing is changed.
        """
        with reported():
            found = [(folder, folder.check()) for folder in _chosen(folders)]
        if as_json:
            show_json([check_record(folder, check) for folder, check in found])
        elif not shell.is_quiet:
            for folder, check in found:
                check_table(folder, check)
        if not all(check.is_clean for _, check in found):
            raise typer.Exit(1)

    @library.command()
    def remove(
        paths: Annotated[
            list[Path],
            typer.Argument(metavar="PATH...", help="Folders to forget, or songs to leave out."),
        ],
        yes: Annotated[
            bool, typer.Option("--yes", help="Also where words of yours would be lost.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Forget a folder, or leave a song out; no song is deleted."""
        done = []
        with reported():
            for path in paths:
                if path.is_dir():
                    _forget(SongFolder(path), yes=yes)
                    what, told = "forgot", f"forgot {path}; the songs are where they were"
                elif folder_of(path).leave_out(path) is None:
                    what, told = "forgot", f"forgot {path}, which was missing"
                else:
                    what = "left out"
                    told = f"left out {path}; take it back with: musify library add {path}"
                done.append({"path": str(path), "done": what})
                if not (shell.is_quiet or as_json):
                    say(told)
        if as_json:
            show_json({"removed": done})


def _chosen(folders: Sequence[Path] | None) -> list[SongFolder]:
    if folders:
        return [SongFolder(folder) for folder in folders]
    known = known_song_folders()
    if not known:
        raise ParameterError("no folder of songs is known; add one: musify library add FOLDER")
    return known


def _indexed(folder: SongFolder) -> SongFolder:
    if folder.index_file is None:
        raise ParameterError(
            f"{str(folder.path)!r} has no index; make one with: musify library add "
            f"{str(folder.path)!r}"
        )
    return folder


def _mood(folder: SongFolder, text: str) -> Mood:
    own = read_notes(folder.path).moods.get(text.strip().lower())
    return own or read_moods([text])[0]


def _forget(folder: SongFolder, *, yes: bool) -> None:
    with _indexed(folder).opened() as index:
        count = index.count_words()
    if count and not yes:
        raise ParameterError(
            f"what you said of {count} songs in {str(folder.path)!r} would be lost; --yes says "
            "that it may"
        )
    folder.forget()
