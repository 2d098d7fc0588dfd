"""Mistakes that are easily made in a library. Each is made of tracks whose files exist."""

import asyncio
import os
import shutil
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from musify import SongLibrary, Track
from musify.testing import FakeLibrary


class Exhausted(FakeLibrary):
    """Keeps a generator, which can be read once."""

    def __init__(self, *tracks):
        self.songs = (track for track in tracks)

    def __iter__(self):
        return self.songs


class IsAList(FakeLibrary):
    def __iter__(self):
        return list(self.tracks)


class GivesNames(FakeLibrary):
    def __iter__(self):
        return (track.path.name for track in self.tracks)


class GivesPaths(FakeLibrary):
    def __iter__(self):
        return (track.path for track in self.tracks)


class Rotates(FakeLibrary):
    def __iter__(self):
        self.tracks = self.tracks[1:] + self.tracks[:1]
        return iter(self.tracks)


class Pops(FakeLibrary):
    """Takes songs off a list while it gives them."""

    def __init__(self, *tracks):
        self.left = list(tracks)

    def __iter__(self):
        while self.left:
            yield self.left.pop(0)


class FilesThatGo(FakeLibrary):
    """Fetches songs into a folder that lasts as long as the reading."""

    def __iter__(self):
        with tempfile.TemporaryDirectory() as folder:
            for track in self.tracks:
                yield replace(track, path=shutil.copy(track.path, folder))


class FileEachOnItsOwn(FakeLibrary):
    """Fetches each song, and takes it away when the next is asked for."""

    def __iter__(self):
        for track in self.tracks:
            path = Path(shutil.copy(track.path, f"{track.path}.part.wav"))
            yield replace(track, path=path)
            path.unlink()


class OfAnotherFolder(FakeLibrary):
    """Names without their folder."""

    def __iter__(self):
        return (replace(track, path=Path(track.path.name)) for track in self.tracks)


class Addresses(FakeLibrary):
    """Where songs can be fetched, not where they are."""

    def __iter__(self):
        for track in self.tracks:
            yield replace(track, path=Path(f"https:/example.org/{track.path.name}"))


class Milliseconds(FakeLibrary):
    def __iter__(self):
        return (replace(track, duration=1000 * track.duration) for track in self.tracks)


class GuessesLengths(FakeLibrary):
    """Three minutes, as songs are."""

    def __iter__(self):
        return (replace(track, duration=180.0) for track in self.tracks)


class NotSound(FakeLibrary):
    """Also gives the pictures of the covers."""

    def __iter__(self):
        cover = self.tracks[0].path.with_name("cover.jpg")
        cover.write_bytes(b"\xff\xd8\xff\xe0 a picture")
        yield Track(cover, 20.0)
        yield from self.tracks


class TwoNamesOfAFile(FakeLibrary):
    def __iter__(self):
        yield from self.tracks
        yield replace(self.tracks[0], title="the same")


class HiddenTwin(FakeLibrary):
    """Goes through two folders, one of which holds the other."""

    def __iter__(self):
        yield from self.tracks
        folder, name = self.tracks[0].path.parent, self.tracks[0].path.name
        yield replace(self.tracks[0], path=folder / ".." / folder.name / name)


class OnePlace(FakeLibrary):
    def __iter__(self):
        self.at = 0
        while self.at < len(self.tracks):
            yield self.tracks[self.at]
            self.at += 1


class BecomesSuited(FakeLibrary):
    """Keeps what it was asked for, and then holds other songs for everybody."""

    def suited_to(self, timeline):
        self.tracks = self.tracks[:1]
        return self


class SuitedToNothing(FakeLibrary):
    def suited_to(self, timeline):
        return None


class SuitedGenerator(FakeLibrary):
    def suited_to(self, timeline):
        return (track for track in self.tracks)


class SuitedKnowsNames(FakeLibrary):
    def suited_to(self, timeline):
        {"happy": 1}[timeline.labels[0]]
        return self


class Talks(FakeLibrary):
    def __iter__(self):
        for track in self.tracks:
            print(f"found {track.title}")
            yield track


class Wanders(FakeLibrary):
    def __iter__(self):
        os.chdir(self.tracks[0].path.parent)
        return iter(self.tracks)


class LeavesAPreview(FakeLibrary):
    def __iter__(self):
        file, _ = tempfile.mkstemp(".mp3")
        os.close(file)
        return iter(self.tracks)


class LeavesAThread(FakeLibrary):
    def __iter__(self):
        threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
        return iter(self.tracks)


class KeepsOpen(FakeLibrary):
    """Opens songs to look at them, and closes none."""

    def __init__(self, *tracks):
        super().__init__(*tracks)
        self.files = []

    def __iter__(self):
        self.files += [os.open(track.path, os.O_RDONLY) for track in self.tracks]
        return iter(self.tracks)


class OwnLoop(FakeLibrary):
    """Asks a service with asyncio, which cannot be done in a notebook."""

    def __iter__(self):
        async def ask():
            return self.tracks

        asked = ask()
        try:
            return iter(asyncio.run(asked))
        finally:
            asked.close()


class NotALibrary(list):
    """Does as a library does, and is none."""

    def __init__(self, *tracks):
        super().__init__(tracks)

    def suited_to(self, timeline):
        return self


class Nothing(SongLibrary):
    def __init__(self, *tracks):
        pass

    def __iter__(self):
        return iter(())


MISTAKES = {
    Exhausted: "the_order_is_the_same_each_time",
    IsAList: "it_holds_something",
    GivesNames: "tracks_can_be_played",
    GivesPaths: "tracks_can_be_played",
    Rotates: "the_order_is_the_same_each_time",
    Pops: "the_order_is_the_same_each_time",
    FilesThatGo: "the_order_is_the_same_each_time",
    FileEachOnItsOwn: "tracks_can_be_played",
    OfAnotherFolder: "tracks_can_be_played",
    Addresses: "tracks_can_be_played",
    Milliseconds: "a_song_is_as_long_as_its_track_says",
    GuessesLengths: "a_song_is_as_long_as_its_track_says",
    NotSound: "a_song_is_as_long_as_its_track_says",
    TwoNamesOfAFile: "each_track_comes_once",
    HiddenTwin: "each_track_comes_once",
    OnePlace: "readers_do_not_disturb_each_other",
    BecomesSuited: "suited_to_changes_nothing",
    SuitedToNothing: "suited_to_gives_a_library",
    SuitedGenerator: "suited_to_gives_a_library",
    SuitedKnowsNames: "suited_to_gives_a_library",
    Talks: "nothing_else_changes",
    Wanders: "nothing_else_changes",
    LeavesAPreview: "nothing_else_changes",
    LeavesAThread: "nothing_else_changes",
    OwnLoop: "a_loop_may_be_running",
    KeepsOpen: "nothing_else_changes",
    NotALibrary: "suited_to_gives_a_library",
    Nothing: "it_holds_something",
}
