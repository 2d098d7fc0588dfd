"""Libraries, each with one fault."""

import itertools
from dataclasses import replace

from musify.testing import FakeLibrary
from stand_ins.mistakes import libraries as mistakes


class Empty(FakeLibrary):
    def __iter__(self):
        return iter(())


class Shuffled(FakeLibrary):
    def __init__(self, *tracks):
        super().__init__(*tracks)
        self.calls = itertools.count()

    def __iter__(self):
        turn = next(self.calls) % len(self.tracks)
        return iter(self.tracks[turn:] + self.tracks[:turn])


class Lost(FakeLibrary):
    def __iter__(self):
        return (replace(track, path=track.path.with_suffix(".gone")) for track in self.tracks)


class Doubled(FakeLibrary):
    def __iter__(self):
        return iter(self.tracks * 2)


class OneReader(FakeLibrary):
    """Is its own iterator: whoever begins sets all others back."""

    def __iter__(self):
        self.at = 0
        return self

    def __next__(self):
        self.at += 1
        if self.at > len(self.tracks):
            raise StopIteration
        return self.tracks[self.at - 1]


class SuitedList(FakeLibrary):
    def suited_to(self, timeline):
        return list(self)


WRONG = {
    "it_holds_something": Empty,
    "the_order_is_the_same_each_time": Shuffled,
    "tracks_can_be_played": Lost,
    "each_track_comes_once": Doubled,
    "readers_do_not_disturb_each_other": OneReader,
    "suited_to_gives_a_library": SuitedList,
    "suited_to_changes_nothing": mistakes.BecomesSuited,
    "a_song_is_as_long_as_its_track_says": mistakes.Milliseconds,
    "a_loop_may_be_running": mistakes.OwnLoop,
    "nothing_else_changes": mistakes.Talks,
}
