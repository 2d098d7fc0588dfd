"""Mistakes that are easily made in a selector."""

import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from musify import Cue, CueSheet, EmptyLibraryError, Mood, SourceRange, Track
from musify.testing import FakeSelector


class Plain(FakeSelector):
    """Lets a subclass look at the songs, and change the sheet."""

    def select(self, timeline, library):
        self.look(timeline, library)
        return self.after(super().select(timeline, library), timeline)

    def look(self, timeline, library):
        pass

    def after(self, sheet, timeline):
        return sheet


class GivesCues(Plain):
    def after(self, sheet, timeline):
        return list(sheet.cues)


class EndsWithTheSong(Plain):
    """Is as long as the songs, not as the video."""

    def after(self, sheet, timeline):
        (cue,) = sheet.cues
        return CueSheet([replace(cue, end=cue.played)], cue.played)


class EndsAtTheLastSegment(Plain):
    def after(self, sheet, timeline):
        end = float(timeline.edges[-2]) or timeline.duration
        return CueSheet([replace(sheet.cues[0], end=end)], end)


class WholeSeconds(Plain):
    def after(self, sheet, timeline):
        return replace(sheet, duration=float(np.ceil(timeline.duration)))


class ShufflesAnew(Plain):
    def after(self, sheet, timeline):
        return replace(sheet, seed=random.randrange(10_000))


class NeverTwice(FakeSelector):
    """Never plays again what it played in another video."""

    def __init__(self):
        self.played = set()

    def select(self, timeline, library):
        songs = [song for song in library if song.path not in self.played]
        if not songs:
            raise EmptyLibraryError("the library holds no song")
        self.played.add(songs[0].path)
        end = timeline.duration
        times = int(np.ceil(end / songs[0].duration))
        return CueSheet([Cue(0, end, songs[0], [SourceRange(0, songs[0].duration)] * times)], end)


class Dated(Plain):
    def after(self, sheet, timeline):
        return replace(sheet, decisions=[f"chosen at {time.perf_counter_ns()}"])


class FadesForTwoSeconds(Plain):
    """Fades, however short the film is."""

    def after(self, sheet, timeline):
        return replace(sheet, cues=[replace(sheet.cues[0], fade_in=1.0, fade_out=2.0)])


class CrossfadesForASecond(Plain):
    """Joins by a crossfade, however short the song is."""

    def after(self, sheet, timeline):
        (cue,) = sheet.cues
        more = [*cue.sources] * 3
        return replace(sheet, cues=[replace(cue, sources=more, crossfade=1.0)])


class NeedsThreeSegments(Plain):
    def look(self, timeline, library):
        timeline.labels[2]


class KnowsFourMoods(Plain):
    def look(self, timeline, library):
        for label in timeline.labels:
            {"action": 1, "happy": 2, "sad": 3, "calm": 4}[label]


class KnowsNamesAlone(Plain):
    def look(self, timeline, library):
        for label in timeline.labels:
            Mood.named(label)


class NeedsScores(Plain):
    def look(self, timeline, library):
        timeline.scores.argmax(axis=1)


class NeedsMoods(Plain):
    def look(self, timeline, library):
        sorted(library, key=lambda track: track.mood.valence)


class NeedsLoudness(Plain):
    def look(self, timeline, library):
        sorted(library, key=lambda track: track.loudness_lufs)


class NeedsTempo(Plain):
    def look(self, timeline, library):
        sorted(library, key=lambda track: track.bpm)


class NeedsAFile(Plain):
    """Reads songs where it was told names alone."""

    def look(self, timeline, library):
        for track in library:
            track.path.stat()


class NeedsALength(Plain):
    def look(self, timeline, library):
        len(library)


class NeedsAPlace(Plain):
    def look(self, timeline, library):
        library[0]


class TakesTheFirst(Plain):
    """Does not think of a library that holds nothing."""

    def look(self, timeline, library):
        next(iter(library))


class TakesTheLongest(Plain):
    def look(self, timeline, library):
        max(library, key=lambda track: track.duration)


class SilentWithoutSongs(FakeSelector):
    def select(self, timeline, library):
        try:
            return super().select(timeline, library)
        except EmptyLibraryError:
            return CueSheet((), timeline.duration)


class NeverPlays(Plain):
    def after(self, sheet, timeline):
        return replace(sheet, cues=())


class OwnSong(Plain):
    def after(self, sheet, timeline):
        (cue,) = sheet.cues
        return replace(sheet, cues=[replace(cue, track=Track("jingle.wav", cue.track.duration))])


class ForgivesTheLibrary(FakeSelector):
    """Makes do with the songs that came before an error."""

    def select(self, timeline, library):
        class Safe:
            def __iter__(self):
                try:
                    yield from library
                except Exception:  # noqa: BLE001 - the fault
                    return

        return super().select(timeline, list(Safe()))


class NeedsSpeechAsAnArray(FakeSelector):
    def select(self, timeline, library, *, speech=None):
        if speech is not None:
            np.asarray(speech, float).reshape(-1, 2)
        return super().select(timeline, library)


class NeedsSpeech(FakeSelector):
    def select(self, timeline, library, *, speech):
        return super().select(timeline, library)


class NeedsSpeechAndTakesIt(FakeSelector):
    """Assumes that somebody speaks."""

    def select(self, timeline, library, *, speech=None):
        found = speech() if callable(speech) else speech
        if found is not None:
            np.asarray(found)[:, 0].min()
        return super().select(timeline, library)


class NeedsACut(FakeSelector):
    def select(self, timeline, library, *, shots=None):
        if shots is not None:
            shots.strength.max()
        return super().select(timeline, library)


class Talks(Plain):
    def after(self, sheet, timeline):
        print(sheet.credits())
        return sheet


class Seeds(Plain):
    def after(self, sheet, timeline):
        random.seed(sheet.seed)
        return sheet


class LeavesAPlan(Plain):
    def after(self, sheet, timeline):
        folder = Path(tempfile.mkdtemp())
        sheet.save(folder / "plan.json")
        return sheet


MISTAKES = {
    GivesCues: "the_sheet_is_as_long_as_the_timeline",
    EndsWithTheSong: "the_sheet_is_as_long_as_the_timeline",
    EndsAtTheLastSegment: "the_sheet_is_as_long_as_the_timeline",
    WholeSeconds: "the_sheet_is_as_long_as_the_timeline",
    ShufflesAnew: "sheets_are_the_same_each_time",
    NeverTwice: "sheets_are_the_same_each_time",
    Dated: "sheets_are_the_same_each_time",
    FadesForTwoSeconds: "a_film_may_be_short",
    CrossfadesForASecond: "a_song_may_be_short",
    NeedsThreeSegments: "a_film_may_be_short",
    KnowsFourMoods: "moods_may_have_any_name",
    KnowsNamesAlone: "moods_may_have_any_name",
    NeedsScores: "moods_may_have_any_name",
    NeedsMoods: "what_does_not_fit_is_told",
    NeedsLoudness: "what_does_not_fit_is_told",
    NeedsTempo: "there_is_music",
    NeedsAFile: "there_is_music",
    NeedsALength: "there_is_music",
    NeedsAPlace: "there_is_music",
    TakesTheFirst: "an_empty_library_is_refused",
    TakesTheLongest: "an_empty_library_is_refused",
    SilentWithoutSongs: "an_empty_library_is_refused",
    NeverPlays: "there_is_music",
    OwnSong: "tracks_are_of_the_library",
    ForgivesTheLibrary: "errors_of_the_library_go_on",
    NeedsSpeechAsAnArray: "speech_and_shots_are_taken",
    NeedsSpeech: "there_is_music",
    NeedsSpeechAndTakesIt: "speech_and_shots_are_taken",
    NeedsACut: "speech_and_shots_are_taken",
    Talks: "nothing_else_changes",
    Seeds: "nothing_else_changes",
    LeavesAPlan: "nothing_else_changes",
}
