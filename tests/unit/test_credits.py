"""Credits are given where licences ask for them, and nowhere else."""

import pytest

from musify import Cue, CueSheet, Licence, OutputError, SourceRange
from musify.credits import credits_file, credits_text, owed_credits, write_credits

BY = Licence("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/", "“A” by Ada, CC BY 4.0")
SA = Licence("CC-BY-SA-4.0", None, "“B” by Bob, CC BY-SA 4.0")
NC = Licence("CC-BY-NC-3.0", None, "“C” by Cyd, CC BY-NC 3.0")
FREE = Licence("CC0-1.0", None, "“D” by Dan, CC0")
MIT = Licence("MIT", "https://mit.example/")


@pytest.fixture
def sheet(make_track):
    def make(*licences):
        cues = [
            Cue(
                start=10.0 * place,
                end=10.0 * place + 10,
                track=make_track(f"{place}.wav", licence=licence),
                sources=(SourceRange(0.0, 10.0),),
            )
            for place, licence in enumerate(licences)
        ]
        return CueSheet(tuple(cues), 10.0 * len(licences))

    return make


def test_what_asks_for_credit_is_owed_once(sheet):
    assert owed_credits(sheet(BY, FREE, MIT, None, BY)) == ("“A” by Ada, CC BY 4.0",)
    assert owed_credits(sheet(FREE, MIT, None)) == ()


def test_the_text_names_all_and_says_what_was_changed(sheet):
    text = credits_text(sheet(BY, SA, NC), "out/film.mp4")
    assert text.startswith("Credits of film.mp4\n")
    for words in ("by Ada", "by Bob", "by Cyd", "was cut", "ShareAlike", "commercially"):
        assert words in text
    plain = credits_text(sheet(BY), "film.mp4")
    assert "ShareAlike" not in plain
    assert "commercially" not in plain


def test_it_stands_beside_the_output(sheet, tmp_path):
    output = tmp_path / "film.mp4"
    assert write_credits(sheet(BY), output, overwrite=False) == tmp_path / "film.CREDITS.txt"
    assert "by Ada" in credits_file(output).read_text(encoding="utf-8")
    with pytest.raises(OutputError, match="exists"):
        write_credits(sheet(SA), output, overwrite=False)
    write_credits(sheet(SA), output, overwrite=True)
    assert "by Bob" in credits_file(output).read_text(encoding="utf-8")


def test_an_old_one_goes_when_nothing_is_owed(sheet, tmp_path):
    output = tmp_path / "film.mp4"
    write_credits(sheet(BY), output, overwrite=False)
    assert write_credits(sheet(MIT), output, overwrite=False) is None
    assert credits_file(output).exists()
    write_credits(sheet(MIT), output, overwrite=True)
    assert not credits_file(output).exists()
    credits_file(output).write_text("the user's own\n")
    write_credits(sheet(MIT), output, overwrite=True)
    assert credits_file(output).exists()
