"""Everything that may last tells how far it is, from little to all of it, never backwards."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import musify
from musify import Cue, CueSheet, Progress, Score, SourceRange, Track
from musify.audio.speech_report import speech_to_music
from musify.demo import make_demo_video

pytestmark = pytest.mark.media


def sheet(songs: Path, video: Path) -> CueSheet:
    track = Track(songs / "calm" / "calm.wav", 3.0)
    return CueSheet([Cue(0, 3, track, [SourceRange(0, 3)])], 12.0, video=video)


SPEECH = musify.Speech([[1.0, 2.0]], duration=12.0)


def score() -> Score:
    return musify.compose("happy 2s", style="piano")


def composed_sheet(video: Path) -> CueSheet:
    track = Track.of_score(score())
    return CueSheet([Cue(0, 2, track, [SourceRange(0, 2)])], 12.0, video=video)


def finder(video: Path) -> musify.ShotFinder:
    made = musify.ShotFinder(musify.probe(video), "index")
    made.finish()
    return made


def settle(video: Path, **told: Callable) -> object:
    made = finder(video)
    return made.settle(made.finish(), [(2.0, 3.5)], **told)


# What each tells of, in this order.
STEPS: dict[str, tuple[tuple[str, ...], Callable]] = {
    "find_speech": (("speech",), lambda v, s, t, **told: musify.find_speech(v, **told)),
    "duck": (
        ("measure",),
        lambda v, s, t, **told: musify.duck(SPEECH, own=v, music=s / "sad" / "sad.wav", **told),
    ),
    "speech_to_music": (
        ("measure",),
        lambda v, s, t, **told: speech_to_music(SPEECH, v, s / "sad" / "sad.wav", **told),
    ),
    "find_shots": (("shots",), lambda v, s, t, **told: musify.find_shots(v, **told)),
    "find_shots fast": (("shots",), lambda v, s, t, **told: musify.find_shots(v, "fast", **told)),
    "ShotFinder.finish": (("shots",), lambda v, s, t, **told: finder(v).finish(**told)),
    "ShotFinder.settle": (("shots",), lambda v, s, t, **told: settle(v, **told)),
    "audit_file": (("audit",), lambda v, s, t, **told: musify.audit_file(v, **told)),
    "audit_file against": (
        ("audit",),
        lambda v, s, t, **told: musify.audit_file(shutil.copy(v, t), against=v, **told),
    ),
    "analyze_song": (
        ("analyze",),
        lambda v, s, t, **told: musify.analyze_song(s / "sad" / "sad.wav", **told),
    ),
    "fit_song": (
        ("analyze", "fit"),
        lambda v, s, t, **told: musify.fit_song(
            shutil.copy(s / "happy" / "happy.wav", t), 3, **told
        ),
    ),
    "write_stems": (
        ("stems",),
        lambda v, s, t, **told: musify.write_stems(sheet(s, v), t / "stems", **told),
    ),
    "write_otio": (
        ("play", "render"),
        lambda v, s, t, **told: musify.write_otio(composed_sheet(v), t / "a.otio", **told),
    ),
    "mix": (
        ("level", "render"),
        lambda v, s, t, **told: musify.mix(
            replace(sheet(s, v), loudness_lufs=-23.0), **told
        ).render(),
    ),
    "Soundtrack.render": (("render",), lambda v, s, t, **told: mixed(s, v).render(**told)),
    "Soundtrack.save": (("render",), lambda v, s, t, **told: mixed(s, v).save(t / "a.wav", **told)),
    "Soundtrack.sha256": (("render",), lambda v, s, t, **told: mixed(s, v).sha256(**told)),
    "Soundtrack.to_pydub": (("render",), lambda v, s, t, **told: mixed(s, v).to_pydub(**told)),
    "Soundtrack.plot": (("render",), lambda v, s, t, **told: mixed(s, v).plot(**told)),
    "compose": (
        ("compose",),
        lambda v, s, t, **told: musify.compose("happy 20s, sad 20s", **told),
    ),
    "Score.rewritten": (("compose",), lambda v, s, t, **told: score().rewritten(0, 5, **told)),
    "Score.to_midi": (("save",), lambda v, s, t, **told: score().to_midi(t / "a.mid", **told)),
    "Score.lead": (("play",), lambda v, s, t, **told: score().lead(**told)),
    "Score.soundtrack": (
        ("play", "render"),
        lambda v, s, t, **told: score().soundtrack().render(**told),
    ),
    "Score.write_stems": (
        ("play", "stems"),
        lambda v, s, t, **told: score().write_stems(t / "stems", **told),
    ),
    "make_demo_video": (
        ("render",),
        lambda v, s, t, **told: make_demo_video(t / "demo.mp4", seconds=1, **told),
    ),
}


def mixed(songs: Path, video: Path) -> musify.Soundtrack:
    return musify.mix(sheet(songs, video))


@pytest.mark.parametrize("name", STEPS)
def test_a_step_tells_how_far_it_is(name, tiny_video, songs, tmp_path):
    stages, step = STEPS[name]
    told: list[Progress] = []
    step(tiny_video, songs, tmp_path, on_progress=told.append)
    assert tuple(dict.fromkeys(progress.stage for progress in told)) == stages
    for stage in stages:
        # Several sounds are told one after the other; each to its end.
        told_of_it = [progress for progress in told if progress.stage == stage]
        runs: list[list[float]] = [[]]
        for before, now in zip([told_of_it[0], *told_of_it], told_of_it, strict=False):
            if now.done < before.done or now.total != before.total:
                runs.append([])
            runs[-1].append(now.fraction)
        assert all(run[-1] == pytest.approx(1) for run in runs), runs
        assert len(runs) <= 4


def test_pictures_are_counted(pictures):
    told: list[Progress] = []
    musify.mood_from_pictures("cosy", pictures / "cosy", on_progress=told.append)
    assert [progress.done for progress in told][-1] == told[-1].total == 6


def test_whoever_raises_in_it_ends_the_step(tiny_video):
    def stop(progress: Progress) -> None:
        raise KeyError(progress.stage)

    with pytest.raises(KeyError, match="speech"):
        musify.find_speech(tiny_video, on_progress=stop)
