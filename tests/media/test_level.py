import numpy as np
import pytest

from musify import _ffmpeg, probe
from musify._ffmpeg_words import InputFilterError
from musify.audio.level import FLOOR_DB, sound_levels

pytestmark = pytest.mark.media

VIDEO = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=5:d=24")
# Loud for twelve seconds, then 20 dB quieter.
SOUND = ("-f", "lavfi", "-i", "sine=440:d=24:r=48000,volume=-20dB:enable='gte(t,12)'")
CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-shortest")


@pytest.mark.parametrize(
    ("name", "codec"),
    [("l.mp4", "aac"), ("l.mkv", "libopus"), ("l.mov", "pcm_s16le"), ("f.mkv", "flac")],
)
def test_levels_are_those_of_the_sound(name, codec, make_clip):
    video = probe(make_clip(f"level-{codec}-{name}", *VIDEO, *SOUND, *CODED, "-c:a", codec))
    times, levels = sound_levels(video)
    assert times.tolist() == [0.25, 4.25, 8.25, 12.25, 16.25, 20.25]
    # ffmpeg's sine has an amplitude of 1/8: -18.06 dBFS, less 3.01 for the mean of its square.
    # Opus fades in at its start.
    assert levels[:3] == pytest.approx(-21.07, abs=0.8)
    assert levels[4:] == pytest.approx(-41.07, abs=0.3)


def test_times_count_from_the_first_frame(make_clip):
    later = make_clip("level-later.mkv", *VIDEO, *SOUND, *CODED, "-output_ts_offset", "2")
    video = probe(later)
    assert video.start_time == pytest.approx(2, abs=0.01)
    times, levels = sound_levels(video)
    drop = times[np.argmax(levels < -30)]
    assert 12 <= drop <= 14.5


def test_sound_between_what_is_listened_to_is_found(make_clip):
    sound = ("-f", "lavfi", "-i", "sine=440:d=2:r=48000")
    clip = make_clip(
        "level-short.mkv", *VIDEO, "-itsoffset", "1.2", *sound, "-map", "0", "-map", "1",
        "-c:v", "libx264", "-preset", "ultrafast",
    )  # fmt: skip
    _, levels = sound_levels(probe(clip))
    assert levels.max() == pytest.approx(-21.07, abs=0.5)


def test_a_silent_film_has_none(silent_video):
    times, levels = sound_levels(probe(silent_video))
    assert len(times) == len(levels) == 0


def test_silence_has_the_floor(make_clip):
    clip = make_clip("level-none.mp4", *VIDEO, "-f", "lavfi", "-i", "anullsrc=d=24", *CODED)
    assert sound_levels(probe(clip))[1].tolist() == [FLOOR_DB] * 6


def test_a_build_without_the_filter_listens_to_everything(make_clip, monkeypatch):
    video = probe(make_clip("level-aac-l.mp4", *VIDEO, *SOUND, *CODED, "-c:a", "aac"))
    run, asked = _ffmpeg.run, []

    def old_build(args, **options):
        asked.append(args)
        if "-bsf:a" in args:
            raise InputFilterError("no")
        return run(args, **options)

    monkeypatch.setattr(_ffmpeg, "run", old_build)
    _, levels = sound_levels(video)
    assert len(asked) == 2
    assert levels == pytest.approx([-21.07] * 3 + [-41.07] * 3, abs=0.3)
