"""``musify compose``, and composed music at ``musify add`` and ``plan``."""

import json
from pathlib import Path

import mido
import numpy as np
import pytest
from typer.testing import CliRunner

import musify
from musify import cli as shell
from musify.composer.score import Score

pytestmark = pytest.mark.media

SYNTHS = ("--instruments", "soft-lead,soft-pad,sub-bass")
MOODS = ("--mood", "happy 2s, calm", "--length", "0:05")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the shell in an empty folder: ``run("compose", ...)`` gives exit code and output."""
    monkeypatch.chdir(tmp_path)

    def run(*args, code=0):
        done = CliRunner().invoke(shell.make_app(), [str(arg) for arg in args])
        assert done.exit_code == code, done.output
        return done.output

    return run


def test_everything_that_is_asked_for_is_written(run, tmp_path, decode_pcm):
    shown = run(
        "compose", *MOODS, *SYNTHS, "--seed", 7, "--sample-rate", 16_000, "-o", "song.wav",
        "--midi", "song.mid", "--stems", "new/stems", "--score", "score.json",
    )  # fmt: skip
    assert "seed 7); free to use" in shown
    assert "wrote song.wav" in shown
    score = Score.load(tmp_path / "score.json")
    assert score == musify.compose("happy 2s, calm", 5, instruments=SYNTHS[1], seed=7)
    assert mido.MidiFile("song.mid").length == pytest.approx(5.0, abs=0.002)
    pcm = decode_pcm(tmp_path / "song.wav", 16_000)
    np.testing.assert_allclose(pcm, score.soundtrack(16_000).render(), atol=2**-22)
    stems = sorted(Path("new/stems").iterdir())
    added = np.sum([decode_pcm(stem, 16_000) for stem in stems], axis=0)
    assert len(stems) > 1
    assert np.abs(added - pcm).mean() < 0.01 * np.abs(pcm).mean() + 1e-4
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "new", "score.json", "song.mid", "song.wav",
    ]  # fmt: skip


def test_a_score_is_played_again_and_one_section_written_anew(run):
    run("compose", *MOODS, *SYNTHS, "--score", "score.json", "-o", "a.wav")
    run("compose", "--from", "score.json", "-o", "b.wav", "--midi", "b.mid")
    assert Path("a.wav").read_bytes() == Path("b.wav").read_bytes()
    text = run(
        "compose",
        "--from",
        "score.json",
        "--rewrite",
        1,
        "--seed",
        9,
        "--score",
        "c.json",
        "--json",
    )
    record = json.loads(text)
    assert record["written"] == ["c.json"]
    assert record["sections"][0]["seed"] == 9
    first, other = (Score.load(name) for name in ("score.json", "c.json"))
    assert first != other
    assert first.sections[1:] == other.sections[1:]


def test_a_video_gets_music_of_its_own_without_a_library(run, silent_video):
    record = json.loads(run("add", silent_video, "a.mp4", *SYNTHS, "--seed", 3, "--json"))
    assert "composed by musify" in record["credits"][0]
    assert "seed 3" in record["credits"][0]
    sheet = musify.CueSheet.from_json(json.dumps(record["plan"]))
    assert sheet.cues[0].track.score.duration == record["duration"]
    assert record["warnings"] == []


@pytest.mark.slow
def test_a_plan_of_composed_music_is_rendered_and_exported(run, tiny_video, tmp_path):
    text = run("plan", tiny_video, "-o", "plan.json", *SYNTHS, "--seed", 3, "--json")
    (track,) = (cue["track"] for cue in json.loads(text)["cues"])
    hashes = [
        json.loads(run(*command, "--json"))["pcm_sha256"]
        for command in (
            ("render", "plan.json", "a.mp4"),
            ("add", tiny_video, "b.mp4", *SYNTHS, "--seed", 3),
        )
    ]
    assert hashes[0] == hashes[1]
    run("export", "plan.json", "plan.otio")
    assert (tmp_path / track["path"]).stat().st_size > 1_000_000
    assert track["path"] in Path("plan.otio").read_text()


def test_a_video_is_composed_for(run, tiny_video):
    run("compose", tiny_video, *SYNTHS, "--score", "score.json")
    assert Score.load("score.json").duration == pytest.approx(12.0, abs=0.05)


STYLE = """
name = "mine"
colour_of_the_cover = "red"
"""

WRONG = [
    ((), 2, "give a video, --mood or --from"),
    (("VIDEO", *MOODS, "-o", "a.wav"), 2, "got VIDEO and --mood"),
    (MOODS, 2, "say what to write"),
    ((*MOODS, "-o", "a.txt"), 2, "a file of sound ends in"),
    ((*MOODS, "-o", "a.wav", "--midi", "a.wav"), 3, "is named twice"),
    ((*MOODS, "-o", "a.wav", "--midi", "no/such/a.mid"), 3, "does not exist"),
    ((*MOODS, "-o", "a.wav", "--midi", "taken.mid"), 3, "--overwrite"),
    ((*MOODS, "-o", "a.wav", "--instruments", "kazoo"), 2, "no instrument is called 'kazoo'"),
    ((*MOODS, "-o", "a.wav", "--style", "polka"), 2, "polka"),
    ((*MOODS, "-o", "a.wav", "--style", "mine.toml"), 2, "colour_of_the_cover"),
    ((*MOODS, "-o", "a.wav", "--key", "H dur"), 2, "key must be"),
    ((*MOODS, "-o", "a.wav", "--tempo", "900"), 2, "tempo (bpm) must be"),
    ((*MOODS, "-o", "a.wav", "--energy", "3"), 2, "energy must be"),
    ((*MOODS, "-o", "a.wav", "--soundfont", "broken.sf2"), 3, "broken.sf2"),
    ((*MOODS, "-o", "a.wav", "--soundfont", "nothing.sf2"), 3, "nothing.sf2"),
    ((*MOODS, "-o", "a.wav", "--sample-rate", "1"), 2, "sample_rate"),
    (("--mood", "x=2,0 5s", "-o", "a.wav"), 2, "valence"),
    (("--mood", " ", "-o", "a.wav"), 2, "at least one mood"),
    (("--mood", "calm", "--length", "0.3", "-o", "a.wav"), 2, "not for 0.3 s"),
    (("VIDEO", "--length", "5", "-o", "a.wav"), 2, "--length goes with --mood"),
    (("SHORT", "-o", "a.wav"), 2, "composed from 1 s"),
    ((*MOODS, "--rewrite", "1", "-o", "a.wav"), 2, "--rewrite goes with --from"),
    (("--from", "plan.txt", "-o", "a.wav"), 2, "score is not JSON"),
    (("--from", "plan.txt", "--style", "folk", "-o", "a.wav"), 2, "--style is for music"),
    (("--from", "plan.txt", "--rewrite", "1", "-o", "a.wav"), 2, "go together"),
]


@pytest.fixture
def short_video(make_clip):
    return make_clip(
        "blink.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=0.3",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
    )  # fmt: skip


@pytest.mark.parametrize(("args", "code", "words"), WRONG, ids=[words for *_, words in WRONG])
def test_what_is_wrong_is_said_and_nothing_written(
    run, tmp_path, tiny_video, short_video, args, code, words
):
    (tmp_path / "taken.mid").write_text("mine")
    (tmp_path / "plan.txt").write_text("{not json")
    (tmp_path / "mine.toml").write_text(STYLE)
    (tmp_path / "broken.sf2").write_bytes(b"RIFF\x10\0\0\0sfbkLIST")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    named = {"VIDEO": tiny_video, "SHORT": short_video}
    shown = run("compose", *(named.get(arg, arg) for arg in args), code=code)
    assert words in shown
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_wishes_for_songs_and_for_composed_music_do_not_mix(run, tiny_video, songs):
    shown = run("add", tiny_video, "a.mp4", "-l", songs, "--style", "piano", code=2)
    assert "--style is for composed music, but a library is given" in shown
    shown = run("add", tiny_video, "a.mp4", "--genre", "ambient", "--tempo", "90", code=2)
    assert "--tempo is for composed music, but --genre asks for songs" in shown
    assert not list(Path().iterdir())


def test_a_video_that_is_too_short_gets_no_output(run, short_video):
    shown = run("add", short_video, "a.mp4", code=2)
    assert "composed from 1 s to 3 h, not for 0.3" in shown
    assert "give a library" in shown
    assert not list(Path().iterdir())
