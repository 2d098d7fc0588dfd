"""The report of rights names every cue, whatever its names hold."""

import csv
import io

from musify import Cue, CueSheet, Licence, SourceRange, Track
from musify.exchange.cue_report import cue_report


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_cue_has_a_line_with_its_times_and_terms():
    licence = Licence("CC-BY-4.0", url="https://example.org/by", attribution="Walk by Ann, CC BY")
    walk = Track("walk.mp3", 200, "Walk", "Ann", licence=licence, instrumental=True)
    song = Track("song.mp3", 5000, "Song", instrumental=False)
    sheet = CueSheet(
        (
            Cue(0, 75.5, walk, [SourceRange(0, 80)]),
            Cue(74, 3700.0004, song, [SourceRange(0, 4000)]),
        ),
        4000,
    )
    rows = read(cue_report(sheet))
    assert [row["cue"] for row in rows] == ["1", "2"]
    first, second = rows
    assert (first["in"], first["out"], first["seconds"]) == ("0:00:00.000", "0:01:15.500", "75.500")
    assert (first["title"], first["artist"], first["usage"]) == ("Walk", "Ann", "BI")
    assert (first["licence"], first["licence_url"]) == ("CC-BY-4.0", "https://example.org/by")
    assert first["attribution"] == "Walk by Ann, CC BY"
    assert (second["in"], second["out"]) == ("0:01:14.000", "1:01:40.000")
    assert (second["usage"], second["licence"], second["artist"]) == ("BV", "", "")


def test_names_with_commas_quotes_and_lines_come_back_as_they_were():
    title = 'a, "b"\nc; ü 😀'
    track = Track("x,y.mp3", 10, title)
    rows = read(cue_report(CueSheet((Cue(0, 5, track, [SourceRange(0, 5)]),), 5)))
    assert rows[0]["title"] == title
    assert rows[0]["file"] == "x,y.mp3"
    assert rows[0]["usage"] == ""
