import json

import pytest

from musify import Cue, CueSheet, Licence, Mood, ParameterError, SourceRange, Track
from musify.gain_curve import GainCurve

SMALLEST = {
    "format": "musify-cue-sheet",
    "version": 1,
    "duration": 10,
    "cues": [
        {
            "start": 0,
            "end": 10,
            "sources": [[0, 10]],
            "track": {"path": "a.wav", "duration": 30},
        }
    ],
}


def edited(path: str, value: object) -> str:
    """Return the smallest sheet with one value set, as JSON; ``path`` like ``cues.0.track``."""
    document = json.loads(json.dumps(SMALLEST))
    *way, last = path.split(".")
    place = document
    for step in way:
        place = place[int(step) if step.isdecimal() else step]
    place[int(last) if last.isdecimal() else last] = value
    return json.dumps(document)


def test_what_is_left_out_has_its_default():
    sheet = CueSheet.from_json(json.dumps(SMALLEST))
    assert sheet == CueSheet(sheet.cues, 10.0)
    track = sheet.cues[0].track
    assert (track.title, track.artist, track.mood, track.licence) == ("a", None, None, None)
    assert track.beats == ()


def test_everything_is_written_and_read(tmp_path):
    track = Track(
        tmp_path / "walk.mp3",
        30.5,
        title="Night Walk",
        artist="Ann",
        mood=Mood("spooky", -0.4, 0.5),
        bpm=92.5,
        key="D minor",
        loudness_lufs=-14.2,
        beats=[0.1, 0.75],
        licence=Licence("CC-BY-4.0", "https://example.org", "by Ann"),
    )
    cue = Cue(
        1.5, 20.25, track, (SourceRange(0.0, 12.0), SourceRange(2.0, 12.0)), 0.5, 2.5, -3.25, 1.0
    )
    sheet = CueSheet((cue,), 21.0, tmp_path / "film.mp4", "replace", -2.5, 44_100, 7, ("why",))
    loaded = CueSheet.from_json(sheet.to_json())
    assert loaded.to_json() == sheet.to_json()
    read = loaded.cues[0].track
    assert (read.path, read.mood, read.licence) == (track.path, track.mood, track.licence)
    assert (read.title, read.artist, read.bpm, read.key) == ("Night Walk", "Ann", 92.5, "D minor")
    assert read.loudness_lufs == -14.2
    assert read.beats == (0.1, 0.75)
    # Everything but tracks, which have no equality, is compared at once.
    same_tracks = tuple(
        Cue(c.start, c.end, track, c.sources, c.fade_in, c.fade_out, c.gain_db, c.crossfade)
        for c in loaded.cues
    )
    rest = {name: getattr(loaded, name) for name in CueSheet.__slots__ if name != "cues"}
    assert CueSheet(same_tracks, **rest) == sheet


def test_a_gain_curve_is_written_and_read_and_its_faults_are_named():
    curve = GainCurve([1.0, 1.35, 4.0], [0.0, -15.0, -15.0], "linear")
    sheet = CueSheet((), 10.0, gain_curve=curve)
    assert CueSheet.from_json(sheet.to_json()) == sheet
    assert hash(CueSheet.from_json(sheet.to_json())) == hash(sheet)
    document = json.loads(sheet.to_json())
    document["gain_curve"]["points"][1][1] = -500
    with pytest.raises(ParameterError, match=r"gain_curve\.points\[1\]\[1\] must be from -120"):
        CueSheet.from_json(json.dumps(document))
    with pytest.raises(ParameterError, match="gain_curve must be a GainCurve"):
        CueSheet((), 10.0, gain_curve=[0.0])


def test_json_stays_readable():
    text = CueSheet((), 10.0, decisions=("für Ö",)).to_json()
    assert "für Ö" in text
    assert text.endswith("}\n")
    assert text.count("\n") > 5


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("format", "other", "cue sheet: format must be 'musify-cue-sheet', got 'other'"),
        ("version", 4, "cue sheet: version must be 1 or 2 or 3, got 4"),
        ("version", True, "cue sheet: version must be 1 or 2 or 3, got True"),
        ("duration", 0, "cue sheet: duration must be from 1e-09 to 1e+09, got 0"),
        ("sample_rate", 48000.5, "cue sheet: sample_rate must be a whole number from 8000"),
        ("seed", -1, "cue sheet: seed must be a whole number from 0"),
        ("original", "mute", "cue sheet: original must be 'duck' or 'keep' or 'replace' or"),
        ("video", 3, "cue sheet: video must be the path of a file, got 3"),
        ("decisions", [""], "cue sheet: decisions[0] must be text, got ''"),
        ("musik_gain_db", 0, "cue sheet: musik_gain_db is not a known key; there are format,"),
        ("cues", {}, "cue sheet: cues must be a list, got {}"),
        ("cues.0", [], "cue sheet: cues[0] must be an object, got []"),
        ("cues.0.gain_db", 99, "cue sheet: cues[0].gain_db must be from -120 to 40, got 99"),
        ("cues.0.end", 31, "cue sheet: cues[0]: the source ranges last 10 s"),
        ("cues.0.sources", [[0, 1, 2]], "cue sheet: cues[0].sources[0] must be a pair"),
        ("cues.0.sources", [[2, 1]], "cue sheet: cues[0].sources[0] must be a pair"),
        (
            "cues.0.sources",
            [[0, 10], [0, 99999]],
            "cue sheet: cues[0]: source range 1 ends at 99999 s, after its track, which lasts 30 s",
        ),
        (
            "cues.0.track.duration",
            1e-9,
            "cue sheet: cues[0]: source range 0 ends at 10 s, after its track, which lasts 1e-09 s",
        ),
        ("cues.0.sources", [], "cue sheet: cues[0]: a cue needs at least one source range"),
        ("cues.0.track.bpm", "92", "cue sheet: cues[0].track.bpm must be a number, got '92'"),
        # No float is that large; the short id keeps the digits out of the report.
        pytest.param(
            "cues.0.track.bpm", 10**400, "cue sheet: cues[0].track.bpm must be", id="huge-bpm"
        ),
        ("cues.0.track.beats", [1, 1], "cue sheet: cues[0].track.beats must be ascending times"),
        ("cues.0.track.mood", {}, "cue sheet: cues[0].track.mood.name is missing"),
        (
            "cues.0.track.mood",
            {"name": " ", "valence": 0, "arousal": 0},
            "cue sheet: cues[0].track.mood.name",
        ),
        ("cues.0.track.licence", {"name": " "}, "cue sheet: cues[0].track.licence.name"),
        (
            "cues.0.track.path",
            "",
            "cue sheet: cues[0].track.path must be the path of a file, got ''",
        ),
    ],
)
def test_a_wrong_value_is_named_by_its_path(path, value, message):
    with pytest.raises(ParameterError) as caught:
        CueSheet.from_json(edited(path, value))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_are_finite(number):
    text = json.dumps(SMALLEST).replace('"duration": 10,', f'"duration": {number},')
    with pytest.raises(ParameterError, match="duration must be a number"):
        CueSheet.from_json(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cue sheet is not JSON"),
        pytest.param("[" * 100_000, "cue sheet is not JSON", id="deep"),
        # Python refuses to turn that many digits into a number.
        pytest.param("1" * 5000, "cue sheet is not JSON", id="5000-digits"),
        ("[]", "cue sheet: the document must be an object"),
        ('{"version": 1, "version": 1}', "the key 'version' is given twice"),
    ],
)
def test_what_is_no_sheet(text, message):
    with pytest.raises(ParameterError, match=message):
        CueSheet.from_json(text)


@pytest.mark.parametrize(
    ("facts", "sheet_facts"),
    [
        ({"artist": ""}, {}),
        ({"key": ""}, {}),
        ({"licence": Licence("MIT", attribution="")}, {}),
        ({}, {"decisions": ("",)}),
        ({}, {"seed": 2**63}),
        ({}, {"seed": -1}),
        ({}, {"sample_rate": 44_100.5}),
    ],
)
def test_a_sheet_that_can_be_made_can_be_written_and_read(facts, sheet_facts):
    try:
        track = Track("a.wav", 30, **facts)
        sheet = CueSheet((Cue(0, 10, track, (SourceRange(0, 10),)),), 10.0, **sheet_facts)
    except ParameterError:
        return  # refusing it at once is as good
    CueSheet.from_json(sheet.to_json())
