"""Everything that may last tells how far it is, from little to all of it, never backwards."""

from collections.abc import Callable
from pathlib import Path

import pytest

import musify
from musify import Cue, CueSheet, Progress, SourceRange, Track

pytestmark = pytest.mark.media


def sheet(songs: Path, video: Path) -> CueSheet:
    track = Track(songs / "calm" / "calm.wav", 3.0)
    return CueSheet([Cue(0, 3, track, [SourceRange(0, 3)])], 12.0, video=video)


STEPS: dict[str, tuple[str, Callable]] = {
    "find_speech": ("speech", lambda v, s, t, **told: musify.find_speech(v, **told)),
    "duck": (
        "measure",
        lambda v, s, t, **told: musify.duck(
            musify.Speech([[1.0, 2.0]], duration=12.0), own=v, music=s / "sad" / "sad.wav", **told
        ),
    ),
    "find_shots": ("shots", lambda v, s, t, **told: musify.find_shots(v, **told)),
    "audit_file": ("audit", lambda v, s, t, **told: musify.audit_file(v, **told)),
    "fit_song": (
        "analyze",
        lambda v, s, t, **told: musify.fit_song(s / "happy" / "happy.wav", 3, **told),
    ),
    "write_stems": (
        "stems",
        lambda v, s, t, **told: musify.write_stems(sheet(s, v), t / "stems", **told),
    ),
    "render": ("render", lambda v, s, t, **told: musify.mix(sheet(s, v)).render(**told)),
    "compose": ("compose", lambda v, s, t, **told: musify.compose("happy 20s, sad 20s", **told)),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_tells_how_far_it_is(name, tiny_video, songs, tmp_path):
    stage, step = STEPS[name]
    told: list[Progress] = []
    step(tiny_video, songs, tmp_path, on_progress=told.append)
    assert {progress.stage for progress in told} == {stage}
    # Several sounds are told one after the other; each to its end.
    runs = [[]]
    for before, now in zip([told[0], *told], told, strict=False):
        if now.done < before.done or now.total != before.total:
            runs.append([])
        runs[-1].append(now.fraction)
    assert all(run[-1] == 1 for run in runs)
    assert len(runs) <= 2


def test_pictures_are_counted(pictures):
    told: list[Progress] = []
    musify.mood_from_pictures("cosy", pictures / "cosy", on_progress=told.append)
    assert [progress.done for progress in told][-1] == told[-1].total == 6


def test_whoever_raises_in_it_ends_the_step(tiny_video):
    def stop(progress: Progress) -> None:
        raise KeyError(progress.stage)

    with pytest.raises(KeyError, match="speech"):
        musify.find_speech(tiny_video, on_progress=stop)
