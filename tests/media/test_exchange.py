"""A plan handed over holds what the plan says, and its stems add up to the mix."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest

from musify import (
    Cue,
    CueSheet,
    GainCurve,
    OutputError,
    ParameterError,
    SourceRange,
    Track,
    mix,
    probe,
    write_otio,
    write_stems,
)

pytestmark = pytest.mark.media


@pytest.fixture
def sheet(tiny_video: Path, make_clip: Callable) -> CueSheet:
    song = make_clip("exchanged.wav", "-f", "lavfi", "-i", "sine=330:d=8:r=48000,volume=-20dB")
    track = Track(song, 8.0, "Exchanged")
    first = Cue(0.0, 7.0, track, [SourceRange(0, 4), SourceRange(2, 6, crossfade=0.5)], fade_in=1.0)
    second = Cue(6.0, 12.0, track, [SourceRange(0, 6.6, speed=1.1)], fade_in=1.0, gain_db=-3)
    curve = GainCurve([3.0, 3.5, 5.0, 6.0], [0.0, -12.0, -12.0, 0.0])
    return CueSheet((first, second), 12.0, tiny_video, "duck", -2.0, gain_curve=curve)


def test_an_editing_timeline_holds_every_range_in_its_place(sheet: CueSheet, tmp_path: Path):
    timeline = otio.adapters.read_from_file(str(write_otio(sheet, tmp_path / "plan.otio")))
    names = [track.name for track in timeline.tracks]
    assert names == ["Picture", "Original sound", "Music 1", "Music 2"]
    assert timeline.duration().to_seconds() == pytest.approx(12.0, abs=0.04)
    first, second = timeline.tracks[2], timeline.tracks[3]
    clips = list(first.find_clips())
    spans = [clip.source_range for clip in clips]
    assert [span.start_time.to_seconds() for span in spans] == pytest.approx([0.0, 2.25])
    assert [span.duration.to_seconds() for span in spans] == pytest.approx([3.75, 3.25])
    joint = next(item for item in first if isinstance(item, otio.schema.Transition))
    assert joint.in_offset.to_seconds() == pytest.approx(0.25)
    assert isinstance(second[0], otio.schema.Gap)
    assert second[0].duration().to_seconds() == pytest.approx(6.0)
    (late,) = second.find_clips()
    assert [effect.time_scalar for effect in late.effects[:1]] == [1.1]
    keys = late.effects[-1].metadata["musify"]["keyframes"]
    assert keys[0][0] == pytest.approx(6.0)
    assert keys[0][1] == pytest.approx(-96.0)
    assert keys[-1][1] == pytest.approx(-5.0)
    ducking = first.effects[0].metadata["musify"]["keyframes"]
    assert [list(pair) for pair in ducking] == [[3.0, 0.0], [3.5, -12.0], [5.0, -12.0], [6.0, 0.0]]
    assert Path(clips[0].media_reference.target_url.removeprefix("file://")).name == (
        "exchanged.wav"
    )


def test_stems_add_up_to_the_mix(sheet: CueSheet, tmp_path: Path, decode_pcm: Callable):
    written = write_stems(sheet, tmp_path / "stems")
    assert [path.name for path in written] == ["music.wav", "original.wav", "gain-curve.csv"]
    music, original = (decode_pcm(path) for path in written[:2])
    whole = mix(sheet, probe(sheet.video)).render()
    assert len(music) == len(original) == len(whole)
    np.testing.assert_allclose(music + original, whole, atol=3e-7)
    rows = list(csv.reader(written[2].read_text().splitlines()))
    assert [float(row[1]) for row in rows[1:]] == [0.0, -12.0, -12.0, 0.0]


def test_the_shell_exports_by_the_ending(sheet: CueSheet, tmp_path: Path):
    plan = sheet.save(tmp_path / "plan.json")
    for name in ("plan.otio", "cues.csv"):
        command = [sys.executable, "-m", "musify", "export", str(plan), str(tmp_path / name)]
        done = subprocess.run([*command, "--json"], check=True, capture_output=True)
        assert json.loads(done.stdout) == {"written": [str(tmp_path / name)]}
    rows = list(csv.DictReader((tmp_path / "cues.csv").read_text().splitlines()))
    assert [row["title"] for row in rows] == ["Exchanged", "Exchanged"]
    assert otio.adapters.read_from_file(str(tmp_path / "plan.otio")).name == "tiny"
    done = subprocess.run([*command[:-1], str(tmp_path / "plan.xml")], capture_output=True)
    assert done.returncode == 3
    assert not (tmp_path / "plan.xml").exists()


def test_what_cannot_be_handed_over(sheet: CueSheet, tmp_path: Path):
    with pytest.raises(OutputError, match=r"ends in \.otio"):
        write_otio(sheet, tmp_path / "plan.edl")
    with pytest.raises(ParameterError, match="names no video"):
        write_stems(CueSheet((), 1.0), tmp_path)
    (tmp_path / "music.wav").write_bytes(b"mine")
    with pytest.raises(OutputError, match="exists"):
        write_stems(sheet, tmp_path)
    assert (tmp_path / "music.wav").read_bytes() == b"mine"


def test_a_plan_is_rendered_with_its_stems(sheet: CueSheet, tmp_path: Path):
    plan = sheet.save(tmp_path / "plan.json")
    out = tmp_path / "out.mkv"
    command = [sys.executable, "-m", "musify", "render", str(plan), str(out)]
    subprocess.run([*command, "--stems", str(tmp_path / "stems")], check=True, capture_output=True)
    names = sorted(path.name for path in (tmp_path / "stems").iterdir())
    assert names == ["gain-curve.csv", "music.wav", "original.wav"]
    assert probe(out).duration == pytest.approx(12, abs=0.01)
