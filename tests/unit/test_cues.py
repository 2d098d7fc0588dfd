import dataclasses
from pathlib import Path

import pytest

from musify import Cue, CueSheet, Licence, OutputError, ParameterError, SourceRange


@pytest.fixture
def make_cue(make_track):
    """Make a cue that plays its track from the start."""

    def make(start=0.0, end=10.0, path="song.wav", **more):
        given = {"track": make_track(path), "sources": (SourceRange(0.0, 30.0),)} | more
        return Cue(start=start, end=end, **given)

    return make


@pytest.mark.parametrize("ends", [(-1, 2), (2, 2), (3, 2), (0, float("inf")), (float("nan"), 1)])
def test_a_source_range_goes_forward(ends):
    with pytest.raises(ParameterError, match="a source range must be 0 <= start < end, got"):
        SourceRange(*ends)


def test_a_cue_knows_how_long_it_lasts_and_plays(make_cue):
    sources = (SourceRange(0, 30), SourceRange(10, 20), SourceRange(0, 5))
    cue = make_cue(5.0, 45.0, sources=sources, crossfade=2.0)
    assert cue.duration == 40
    assert cue.played == 30 + 10 + 5 - 2 * 2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"start": -1.0}, "a cue must be 0 <= start < end, got -1.0 to 10.0"),
        ({"end": 0.0}, "a cue must be"),
        ({"end": float("nan")}, "a cue must be"),
        ({"fade_in": -1}, "fade_in must be at least 0 s, got -1"),
        ({"fade_out": float("nan")}, "fade_out must be at least 0 s"),
        ({"fade_in": 6, "fade_out": 5}, r"fades of 6 \+ 5 s do not fit into a cue of 10 s"),
        ({"gain_db": 41}, r"gain_db must be in \[-120, 40\], got 41"),
        ({"gain_db": float("nan")}, "gain_db must be in"),
        ({"sources": ()}, "at least one source range"),
        ({"sources": (SourceRange(0, 9),)}, "the source ranges last 9 s but the cue lasts 10 s"),
        (
            {"sources": (SourceRange(0, 9), SourceRange(0, 1), SourceRange(0, 9)), "crossfade": 1},
            r"source range 1 lasts 1 s, too short for its crossfades of 1 and 1 s",
        ),
    ],
)
def test_a_cue_refuses(make_cue, wrong, message):
    with pytest.raises(ParameterError, match=message):
        make_cue(**wrong)


def test_two_cues_may_sound_at_once_and_a_third_when_one_ends(make_cue):
    CueSheet((make_cue(0, 10), make_cue(8, 20), make_cue(10, 30)), 30.0)


def test_a_long_cue_may_lie_under_short_ones_that_follow_each_other(make_cue):
    CueSheet((make_cue(0, 10), make_cue(1, 2), make_cue(3, 4)), 10.0)


@pytest.mark.parametrize("third", [(9, 10), (9.5, 30)])
def test_three_cues_may_not_sound_at_once(make_cue, third):
    with pytest.raises(ParameterError, match=r"at 9\.?5? s three cues sound at once"):
        CueSheet((make_cue(0, 10), make_cue(8, 20), make_cue(*third)), 30.0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"duration": 0}, "duration must be above 0"),
        ({"duration": float("nan")}, "duration must be above 0"),
        ({"duration": 9.9}, r"cue 0 ends at 10 s, after the video \(9.9 s\)"),
        ({"original": "mute"}, "original must be one of .*, got 'mute'"),
        ({"music_gain_db": -121}, r"music_gain_db must be in \[-120, 40\]"),
        ({"sample_rate": 7999}, r"sample_rate must be in \[8000, 192000\], got 7999"),
    ],
)
def test_a_sheet_refuses(make_cue, wrong, message):
    with pytest.raises(ParameterError, match=message):
        CueSheet(**{"cues": (make_cue(),), "duration": 10.0} | wrong)


def test_cues_are_in_order(make_cue):
    with pytest.raises(ParameterError, match="cue 1 starts before cue 0; sort them"):
        CueSheet((make_cue(5, 10), make_cue(4, 10)), 10.0)


def test_sequences_become_tuples(make_cue):
    sheet = CueSheet([make_cue()], 10.0, video="film.mp4", decisions=["a"])
    assert sheet.cues == tuple(sheet.cues)
    assert sheet.decisions == ("a",)
    assert sheet.video == Path("film.mp4")


def test_credits_name_each_track_once_in_the_order_of_entrance(make_cue, make_track):
    by_ann = make_track("walk.mp3", artist="Ann", licence=Licence("MIT"))
    cues = (make_cue(0, 5, "b.wav"), make_cue(5, 9, track=by_ann), make_cue(9, 10, "b.wav"))
    sheet = CueSheet(cues, 10.0)
    assert [track.title for track in sheet.tracks] == ["b", "walk"]
    assert sheet.credits() == "“b”\n“walk” by Ann (MIT)"
    assert CueSheet((), 10.0).credits() == ""


def test_saving_and_loading(make_cue, tmp_path):
    sheet = CueSheet((make_cue(path="/music/ä b.wav"),), 10.0, decisions=("für Ö",))
    file = sheet.save(tmp_path / "plan.json")
    assert CueSheet.load(file).to_json() == sheet.to_json()
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.json"]


def test_saving_replaces_only_when_asked(tmp_path):
    file = tmp_path / "plan.json"
    CueSheet((), 10.0).save(file)
    with pytest.raises(OutputError, match="overwrite=True"):
        CueSheet((), 20.0).save(file)
    assert CueSheet.load(file).duration == 10
    CueSheet((), 20.0).save(file, overwrite=True)
    assert CueSheet.load(file).duration == 20


def test_relative_paths_start_at_the_folder_of_the_plan(make_cue, tmp_path):
    file = tmp_path / "plan.json"
    sheet = CueSheet((make_cue(path="songs/a.wav"),), 10.0, video="film.mp4")
    file.write_text(sheet.to_json(), encoding="utf-8")
    loaded = CueSheet.load(file)
    assert loaded.cues[0].track.path == tmp_path / "songs" / "a.wav"
    assert loaded.video == tmp_path / "film.mp4"


def test_a_plan_saved_in_another_folder_still_finds_its_files(make_cue, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("plans").mkdir()
    sheet = CueSheet((make_cue(path="songs/a.wav"),), 10.0, video="film.mp4")
    loaded = CueSheet.load(sheet.save("plans/plan.json"))
    assert loaded.cues[0].track.path.resolve() == Path("songs/a.wav").resolve()
    assert loaded.video.resolve() == Path("film.mp4").resolve()


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"{", b""])
def test_a_plan_that_cannot_be_read(tmp_path, content):
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ParameterError, match=r"plan\.json|cue sheet is not JSON"):
        CueSheet.load(file)


def test_a_cue_can_be_changed_by_making_another(make_cue):
    assert dataclasses.replace(make_cue(), gain_db=-3).gain_db == -3
