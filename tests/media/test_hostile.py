"""Names, tags and damage that must not mislead what reads ffmpeg's log."""

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

import musify
from musify.backends.interval_sampler import IntervalSampler
from musify.backends.keyframe_sampler import KeyframeSampler

pytestmark = pytest.mark.media
SAMPLERS = [IntervalSampler, KeyframeSampler]
TAGS = (
    "n: 0 pts: 999999 x",
    "[h264 @ 0x55d] [error] corrupt decoded frame",
    "[Parsed_showinfo_1 @ 0x55d] [info] n: 0 pts: 999999 x",
    "config in time_base: 1/1",
)


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize(
    "name", ["concealing the truth.mp4", "corrupt decoded frame.mp4", "n: 1 pts: 7 .mp4"]
)
def test_a_name_may_say_anything(sampler: type, name: str, tiny_video: Path, tmp_path: Path):
    wanted = [sample.time for sample in sampler(3.0).sample(musify.probe(tiny_video))]
    path = tmp_path / name
    path.write_bytes(tiny_video.read_bytes())
    assert [sample.time for sample in sampler(3.0).sample(musify.probe(path))] == wanted


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_may_say_anything(
    sampler: type, tag: str, tiny_video: Path, tmp_path: Path, ffmpeg: Callable
):
    wanted = [sample.time for sample in sampler(3.0).sample(musify.probe(tiny_video))]
    path = tmp_path / "tagged.mkv"
    ffmpeg("-i", tiny_video, "-map", "0", "-c", "copy", "-metadata", f"title={tag}",
           "-metadata:s:v", f"comment=first\n{tag}", path)  # fmt: skip
    times = [sample.time for sample in sampler(3.0).sample(musify.probe(path))]
    np.testing.assert_allclose(times, wanted, atol=0.0011)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_damage_at_the_start_spares_the_rest(sampler: type, make_clip: Callable, tmp_path: Path):
    """To find out what a stream is, ffmpeg decodes its beginning and complains, every time."""
    whole = make_clip(
        "for-the-start.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=60",
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "25",
    )  # fmt: skip
    content = bytearray(whole.read_bytes())
    begin = content.index(b"mdat") + 1500
    content[begin : begin + 3000] = np.random.default_rng(3).bytes(3000)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(content)
    times = [sample.time for sample in sampler(5.0).sample(musify.probe(path))]
    assert len(times) >= 11
    assert times[-1] >= 55


def test_a_plan_never_replaces_what_it_was_made_from(tiny_video: Path, songs: Path, tmp_path: Path):
    video = tmp_path / "video.mp4"
    video.write_bytes(tiny_video.read_bytes())
    plan = musify.Pipeline(library=songs).plan(video)
    for path in (video, plan.tracks[0].path):
        before = path.read_bytes()
        with pytest.raises(musify.OutputError, match="is an input"):
            plan.save(path, overwrite=True)
        assert path.read_bytes() == before


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_cues(songs: Path):
    """A voice that has ended leaves nothing behind."""

    def peak(count: int) -> int:
        track = musify.Track(songs / "calm" / "calm.wav", duration=3.0)
        cues = [
            musify.Cue(float(place), place + 1.0, track, [musify.SourceRange(0, 1)])
            for place in range(count)
        ]
        soundtrack = musify.mix(musify.CueSheet(cues, float(count)))
        tracemalloc.start()
        for _ in soundtrack.blocks():
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(40) < peak(8) + 2_000_000


@pytest.mark.slow
def test_an_hour_fits_into_300_megabytes(make_clip: Callable, songs: Path, tmp_path: Path):
    """An hour of film with many scenes, in an own process whose tree is measured."""
    video = make_clip(
        "hour.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=10:d=3600",
        "-f", "lavfi", "-i", "sine=220:d=3600", "-c:v", "libx264", "-preset", "ultrafast",
        "-g", "20", "-c:a", "aac",
    )  # fmt: skip
    command = [sys.executable, "-m", "musify", "add", video, tmp_path / "out.mp4", "-l", songs]
    process = psutil.Popen([*map(str, command)], stdout=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        try:
            tree = [process, *process.children(recursive=True)]
            most = max(most, sum(one.memory_full_info().pss for one in tree))
        except psutil.Error:
            pass
    assert process.returncode == 0
    assert most < 300_000_000
