"""The shell, as a process: what it prints where, and how it ends."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from musify._version import __version__
from thinned import thinned

pytestmark = pytest.mark.media


def musify(
    *args: str | Path, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "musify", *map(str, args)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **(env or {})},
    )


def test_add_says_what_it_did_and_nothing_on_stderr(
    tmp_path: Path, silent_video: Path, songs: Path
) -> None:
    done = musify("add", silent_video, "out.mp4", "--library", songs, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout  # no colours in a pipe
    assert "Mood" in done.stdout
    assert "own sound" not in done.stdout, "there is none"
    assert "wrote out.mp4" in done.stdout
    assert (tmp_path / "out.mp4").stat().st_size > 0


def test_json_is_one_document(tmp_path: Path, silent_video: Path, songs: Path) -> None:
    done = musify("add", silent_video, "out.mkv", "--library", songs, "--json", cwd=tmp_path)
    record = json.loads(done.stdout)
    assert done.stderr == ""
    assert record["output"] == "out.mkv"
    assert record["timeline"][0]["start"] == 0
    assert record["timeline"][-1]["end"] == pytest.approx(record["duration"])
    assert len(record["pcm_sha256"]) == 64


@pytest.mark.slow
def test_plan_edit_render(tmp_path: Path, tiny_video: Path, songs: Path) -> None:
    assert (
        musify("plan", tiny_video, "-o", "plan.json", "--library", songs, cwd=tmp_path).returncode
        == 0
    )
    first = musify("render", "plan.json", "a.mp4", "--json", cwd=tmp_path)
    second = musify("render", "plan.json", "b.mkv", "--json", cwd=tmp_path)
    hashes = [json.loads(done.stdout)["pcm_sha256"] for done in (first, second)]
    assert hashes[0] == hashes[1]

    plan = json.loads((tmp_path / "plan.json").read_text())
    plan["cues"][0]["gain_db"] -= 6
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    edited = musify("render", "plan.json", "c.mp4", "--json", cwd=tmp_path)
    assert json.loads(edited.stdout)["pcm_sha256"] != hashes[0]

    plan["cues"][0]["gain_db"] = "loud"
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    refused = musify("render", "plan.json", "d.mp4", cwd=tmp_path)
    assert refused.returncode == 2
    assert "cues[0].gain_db must be a number, got 'loud'" in refused.stderr
    assert not (tmp_path / "d.mp4").exists()


def test_analyze_draws(tmp_path: Path, tiny_video: Path) -> None:
    pytest.importorskip("matplotlib")
    done = musify("analyze", tiny_video, "--plot", "moods.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["", "wrote moods.png"]
    assert (tmp_path / "moods.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_quiet_and_verbose(tmp_path: Path, tiny_video: Path) -> None:
    quiet = musify("-q", "analyze", tiny_video, cwd=tmp_path)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    loud = musify("-vv", "analyze", tiny_video, cwd=tmp_path)
    assert "DEBUG: " in loud.stderr
    assert "-nostdin" in loud.stderr  # the commands that were run


@pytest.mark.parametrize(
    ("args", "code", "words"),
    thinned([
        (("analyze", "missing.mp4"), 3, "there is no file"),
        (("analyze", "text.mp4"), 3, "cannot be read as video"),
        (("analyze", "VIDEO", "--classifier", "palete"), 4, "did you mean 'palette'?"),
        (("analyze", "VIDEO", "--option", "frame_sampler.second=1"), 2, "did you mean 'seconds'?"),
        (("analyze", "VIDEO", "--option", "nonsense"), 2, "KIND.NAME=VALUE"),
        (("add", "VIDEO", "o.mp4", "-l", "empty"), 5, "holds no song"),
        (("add", "VIDEO", "o.avi", "-l", "SONGS"), 3, ".webm"),
        (("add", "VIDEO", "VIDEO", "-l", "SONGS", "--overwrite"), 3, "is an input"),
        (("add", "VIDEO", "text.mp4", "-l", "SONGS"), 3, "--overwrite"),
        (("backends", "sampler"), 2, "no kind is called 'sampler'"),
        (("add", "VIDEO"), 2, "OUTPUT"),
    ], every=3),
)  # fmt: skip
def test_exit_codes(
    args: tuple[str, ...], code: int, words: str, tmp_path: Path, tiny_video: Path, songs: Path
) -> None:
    (tmp_path / "text.mp4").write_text("no video at all")
    (tmp_path / "empty").mkdir()
    named = {"VIDEO": str(tiny_video), "SONGS": str(songs)}
    done = musify(*(named.get(arg, arg) for arg in args), cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "o.mp4").exists()


def test_backends_version_and_doctor(tmp_path: Path) -> None:
    rows = json.loads(musify("backends", "--json", cwd=tmp_path).stdout)
    assert {"kind": "frame_sampler", "name": "interval"}.items() <= rows[0].items()
    assert musify("--version", cwd=tmp_path).stdout == f"musify {__version__}\n"
    found = json.loads(musify("doctor", "--json", cwd=tmp_path).stdout)
    assert all(row["ok"] for row in found)


def test_doctor_finds_a_missing_ffmpeg(tmp_path: Path) -> None:
    done = musify("doctor", "--json", cwd=tmp_path, env={"IMAGEIO_FFMPEG_EXE": "/nowhere/ffmpeg"})
    assert done.returncode == 1
    (fault,) = [row for row in json.loads(done.stdout) if not row["ok"]]
    assert fault["name"] == "ffmpeg"
    assert fault["fix"].startswith("unset IMAGEIO_FFMPEG_EXE")


def test_doctor_finds_the_namesake(tmp_path: Path) -> None:
    info = tmp_path / "musify-1.2.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: musify\nVersion: 1.2.5\n")
    done = musify("doctor", "--json", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})
    (fault,) = [row for row in json.loads(done.stdout) if not row["ok"]]
    assert fault["name"] == "name clash"
    assert fault["commands"][0] == "pip uninstall -y musify musify-video"


@pytest.mark.parametrize(
    ("before", "after"), thinned([((), ("-q",)), (("-q",), ()), (("-v",), ("--quiet",))], every=3)
)
def test_quiet_may_stand_anywhere(
    before: tuple[str, ...], after: tuple[str, ...], tmp_path: Path, tiny_video: Path
) -> None:
    done = musify(*before, "analyze", tiny_video, *after, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_verbose_adds_up(tmp_path: Path, tiny_video: Path) -> None:
    assert "DEBUG: " in musify("-v", "analyze", tiny_video, "-v", cwd=tmp_path).stderr
    once = musify("analyze", tiny_video, "-v", cwd=tmp_path).stderr
    assert "INFO: " in once
    assert "DEBUG: " not in once


@pytest.mark.parametrize(
    ("command", "names"), [(("add",), "[VIDEO] [OUTPUT]"), (("train", "local"), "PICTURES")]
)
def test_usage_names_what_is_wanted(command: tuple[str, ...], names: str, tmp_path: Path) -> None:
    usage = musify(*command, "--help", cwd=tmp_path).stdout.splitlines()[0]
    assert usage.endswith(f"{' '.join(command)} [OPTIONS] {names}")


UNSEEN = (("analyze", "VIDEO"), ("backends", "--json"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize(
    "args", [("backends",), *(pytest.param(args, marks=pytest.mark.slow) for args in UNSEEN)]
)
def test_what_cannot_be_shown_is_one_line(
    args: tuple[str, ...], tmp_path: Path, tiny_video: Path
) -> None:
    named = [str(tiny_video) if arg == "VIDEO" else arg for arg in args]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "musify", *named],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120,
        )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr == "error: the result cannot be shown: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
@pytest.mark.slow
def test_a_reader_that_went_away(tmp_path: Path, silent_video: Path, songs: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-m", "musify", "add", silent_video, "o.mp4", "-l", songs, "--json"],
        cwd=tmp_path, stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=120,
    )  # fmt: skip
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, "")
    assert (tmp_path / "o.mp4").stat().st_size > 0  # it was written before it was to be shown


def test_a_demo_that_fails_takes_away_what_it_made(tmp_path: Path, songs: Path) -> None:
    (tmp_path / "was").mkdir()
    nowhere = {"IMAGEIO_FFMPEG_EXE": "/nowhere/ffmpeg"}
    for folder in ("was", "was/new/er"):
        done = musify("demo", folder, "-l", songs, cwd=tmp_path, env=nowhere)
        assert done.returncode == 3
    assert list(tmp_path.rglob("*")) == [tmp_path / "was"]


def test_a_demo_on_a_full_disk(tmp_path: Path, songs: Path, small_disk: Path) -> None:
    done = musify("demo", small_disk / "demo", "-l", songs, cwd=tmp_path)
    assert done.returncode == 3
    assert "no space is left" in done.stderr
    assert list(small_disk.iterdir()) == []


@pytest.mark.slow  # README's first command runs it
def test_demo(tmp_path: Path, songs: Path) -> None:
    done = musify("demo", "--json", "--library", songs, cwd=tmp_path)
    record = json.loads(done.stdout)
    rows = record["timeline"]
    assert [row["label"] for row in rows] == ["sad", "happy", "action", "calm"]
    assert [row["start"] for row in rows] == pytest.approx([0, 12, 24, 36], abs=0.1)
    # Well above 0.4, below which they were uncertain.
    assert min(row["confidence"] for row in rows) > 0.5
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["musify-demo-music.mp4", "musify-demo.mp4"]
    # The picture in the README is of this demo; tools/readme_picture.py makes it anew.
    picture = Path(__file__).parents[1] / "docs" / "images" / "result.svg"
    shown = re.findall(r">(\w+) (\d+)%</text>", picture.read_text(encoding="utf-8"))
    assert [label for label, _ in shown] == [row["label"] for row in rows]
    # Builds of ffmpeg and processors differ a little in what they decode and compute.
    sure = [100 * row["confidence"] for row in rows]
    assert [int(percent) for _, percent in shown] == pytest.approx(sure, abs=3)


def test_progress_on_a_terminal(tmp_path: Path, tiny_video: Path) -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "musify", "analyze", str(tiny_video)],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            data = os.read(master, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not data:
            break
        shown += data
    os.close(master)
    assert process.wait(timeout=30) == 0
    assert b"sample" in shown
