"""A finished sound goes into a video as it is."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import musify

pytestmark = pytest.mark.media


def run(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "musify", "mux", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("seconds", [5, 20])
def test_a_sound_is_cut_or_followed_by_silence(
    seconds: int, tiny_video: Path, make_clip: Callable, tmp_path: Path, decode_pcm: Callable
):
    tone = f"sine=440:d={seconds}:r=44100"
    sound = make_clip(f"finished-{seconds}.flac", "-f", "lavfi", "-i", tone)
    done = run(tiny_video, sound, tmp_path / "out.mp4", "--json")
    assert done.returncode == 0, done.stderr
    audit = json.loads(done.stdout)
    assert audit["ok"]
    assert [stream["source"] for stream in audit["streams"]] == [0, None, 1]
    new = musify.probe(tmp_path / "out.mp4").stream(1)
    assert new.sample_rate == 44_100
    pcm = decode_pcm(tmp_path / "out.mp4", 44_100)
    assert len(pcm) == pytest.approx(12 * 44_100, abs=1024)
    heard = np.abs(pcm[: min(seconds, 12) * 44_100 - 4000]).max()
    assert heard > 0.05
    if seconds < 12:
        assert np.abs(pcm[(seconds + 1) * 44_100 :]).max() < 1e-3


def test_a_wrong_sound_or_place_is_refused(tiny_video: Path, tmp_path: Path):
    nothing = run(tiny_video, tmp_path / "no.wav", tmp_path / "out.mp4")
    assert nothing.returncode == 3
    assert "there is no file" in nothing.stderr
    itself = run(tiny_video, tiny_video, tiny_video, "--overwrite")
    assert itself.returncode == 3
    assert list(tmp_path.iterdir()) == []
