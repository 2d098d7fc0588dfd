"""Selectors, each with one fault."""

import itertools
from dataclasses import replace

from musify import CueSheet, EmptyLibraryError, NoSuitableTrackError, Track
from musify.testing import FakeLibrary, FakeSelector
from stand_ins.mistakes import selectors as mistakes


class OneSecondMore(FakeSelector):
    def select(self, timeline, library):
        sheet = super().select(timeline, library)
        return replace(sheet, duration=sheet.duration + 1)


class Mute(FakeSelector):
    def select(self, timeline, library):
        return CueSheet((), super().select(timeline, library).duration)


class OwnTaste(FakeSelector):
    def select(self, timeline, library):
        super().select(timeline, library)
        return super().select(timeline, FakeLibrary(Track("mine.wav", 20.0)))


class Moody(FakeSelector):
    def __init__(self):
        self.calls = itertools.count()

    def select(self, timeline, library):
        return replace(super().select(timeline, library), seed=next(self.calls))


class OtherError(FakeSelector):
    def select(self, timeline, library):
        try:
            return super().select(timeline, library)
        except EmptyLibraryError as error:
            raise NoSuitableTrackError("nothing fits") from error


class SaysItNeedsNone(FakeSelector):
    needs_library = False


class NeedsMoods(FakeSelector):
    def select(self, timeline, library):
        assert all(track.mood.valence < 1 for track in library)
        return super().select(timeline, library)


class KnowsArraysAlone(FakeSelector):
    def select(self, timeline, library, *, speech=None):
        assert speech is None or len(speech)
        return super().select(timeline, library)


WRONG = {
    "the_sheet_is_as_long_as_the_timeline": OneSecondMore,
    "there_is_music": Mute,
    "tracks_are_of_the_library": OwnTaste,
    "sheets_are_the_same_each_time": Moody,
    "an_empty_library_is_refused": OtherError,
    "a_library_may_be_missing": SaysItNeedsNone,
    "what_does_not_fit_is_told": NeedsMoods,
    "speech_and_shots_are_taken": KnowsArraysAlone,
    "a_film_may_be_short": mistakes.FadesForTwoSeconds,
    "a_song_may_be_short": mistakes.CrossfadesForASecond,
    "moods_may_have_any_name": mistakes.KnowsFourMoods,
    "errors_of_the_library_go_on": mistakes.ForgivesTheLibrary,
    "nothing_else_changes": mistakes.Talks,
}
