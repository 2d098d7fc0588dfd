"""The mood of songs: what major, quick, loud and rough do to it, and faults."""

from functools import cache

import numpy as np
import pytest

from musify.audio.log_mel import SAMPLE_RATE
from musify.audio.mood_cues import mood_cues
from musify.audio.song_mood import MIDDLES, WEIGHTS, SongMood, song_mood
from musify.audio.song_tags import TAGS, SongTagger, SongTags
from musify.errors import ParameterError

MAJOR, MINOR, PHRYGIAN = (0, 4, 7), (0, 3, 7), (0, 1, 3, 5, 7, 8, 10)


@cache
def note(pitch, seconds, decay=2.0):
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hz = 440 * 2 ** ((pitch - 69) / 12)
    partials = sum(np.sin(2 * np.pi * hz * k * t) / k**1.5 for k in range(1, 6))
    return partials * np.exp(-decay * t) * np.minimum(1, t * 200)


def chords(roots_and_kinds, seconds, *, beat=0.5, register=60, level=0.1):
    """Broken chords over a bass, again and again."""
    sound = np.zeros(int((seconds + 3) * SAMPLE_RATE))
    step, place = int(beat * SAMPLE_RATE), 0
    while place * step < seconds * SAMPLE_RATE:
        root, kind = roots_and_kinds[place // 8 % len(roots_and_kinds)]
        pitches = [register + root + kind[place % len(kind)]]
        if place % 8 == 0:
            pitches.append(register - 24 + root)
        for pitch in pitches:
            made = note(pitch, 1.5)
            sound[place * step : place * step + len(made)] += level * made
        place += 1
    return sound[: int(seconds * SAMPLE_RATE)].astype(np.float32)


BRIGHT = [(0, MAJOR), (5, MAJOR), (7, MAJOR), (0, MAJOR)]
DARK = [(0, MINOR), (5, MINOR), (7, MAJOR), (0, MINOR)]
NEUTRAL_TAGS = np.full((1, len(TAGS)), 0.05)


def tags(sound, values=NEUTRAL_TAGS):
    seconds = len(sound) / SAMPLE_RATE
    times = np.arange(3, max(seconds - 1, 3.1), 6.0)
    return SongTags(times, np.repeat(values, len(times), axis=0))


def mood(sound, **options):
    return song_mood(sound, tags(sound), **options)


def tagged(**changes):
    values = NEUTRAL_TAGS.copy()
    for name, value in changes.items():
        values[0, [tag.endswith(f":{name}") for tag in TAGS]] = value
    return values


@pytest.mark.parametrize("shift", range(0, 12, 3))
def test_major_is_happier_than_minor_in_every_key(shift):
    happy, sad = (
        mood(chords([(root + shift, kind) for root, kind in progression], 24))
        for progression in (BRIGHT, DARK)
    )
    assert happy.valence > 0.1
    assert sad.valence < -0.1
    assert happy.arousal == pytest.approx(sad.arousal, abs=0.1)


def test_a_quick_piece_is_more_aroused():
    slow, quick = (mood(chords(BRIGHT, 24, beat=beat)) for beat in (1.0, 0.125))
    assert slow.arousal < -0.2
    assert quick.arousal > 0.2


def test_tempo_counts_as_far_as_its_beat_is_clear():
    sound = chords(BRIGHT, 24)
    slow, quick = (mood(sound, bpm=bpm, beat_clarity=1.0).arousal for bpm in (60, 180))
    assert slow < mood(sound).arousal < quick
    assert mood(sound, bpm=180, beat_clarity=0.0).arousal == mood(sound).arousal


def test_tags_move_the_mood():
    sound = chords(BRIGHT, 12)
    plain = mood(sound)
    happy, sad = (song_mood(sound, tags(sound, tagged(**{tag: 0.5}))) for tag in ("happy", "sad"))
    assert sad.valence < plain.valence < happy.valence
    assert sad.arousal < plain.arousal < happy.arousal
    assert song_mood(sound, tags(sound, tagged(soft=0.7))).arousal < plain.arousal


def test_a_song_that_changes_is_followed():
    sound = np.concatenate([chords(BRIGHT, 30, beat=0.125), chords(DARK, 30, beat=1.0, level=0.03)])
    found = mood(sound)
    assert found.plane.shape == (len(found.times), 2)
    early, late = (
        found.plane[found.times < 24].mean(axis=0),
        found.plane[found.times > 36].mean(axis=0),
    )
    assert (early > late + 0.3).all()
    assert late[1] < found.arousal < early[1]


def test_level_of_the_file_does_not_matter():
    sound = chords(BRIGHT, 20)
    loud, quiet = (mood(sound * gain) for gain in (3, 0.03))
    np.testing.assert_allclose(loud.plane, quiet.plane, atol=0.05)


def test_tuning_does_not_matter():
    high = chords(DARK, 24, register=60.4)
    assert mood(high).valence == pytest.approx(mood(chords(DARK, 24)).valence, abs=0.15)


def test_voices_are_heard_of_the_tags():
    sound = chords(BRIGHT, 12)
    none, some = (
        song_mood(sound, tags(sound, tagged(vocal=value, singing=value))).instrumental
        for value in (0.02, 0.7)
    )
    assert none > 0.9
    assert some < 0.1


def test_silence_is_calm_and_neither_good_nor_bad():
    found = mood(np.zeros(10 * SAMPLE_RATE, np.float32))
    assert (found.valence, found.arousal, found.instrumental) == (0.0, -1.0, 1.0)
    assert (found.plane == [0.0, -1.0]).all()


@pytest.mark.parametrize("frames", [1, 100, 4000, SAMPLE_RATE, 2 * SAMPLE_RATE])
def test_short_songs_have_a_mood(frames, rng):
    sound = (0.1 * rng.standard_normal(frames)).astype(np.float32)
    found = song_mood(sound, SongTagger().tag(sound))
    assert found.plane.shape == (1, 2)
    assert np.isfinite(found.plane).all()
    assert np.abs([found.valence, found.arousal]).max() <= 1


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros((4, 2)), np.array([np.inf, 0])])
def test_what_is_no_mono_sound_is_refused(sound):
    with pytest.raises(ParameterError, match="sound of a song must"):
        song_mood(sound, SongTags([1.5], NEUTRAL_TAGS))


@pytest.mark.parametrize(("bpm", "clarity"), [(0, 0.5), (-3, 0.5), (120, 1.5), (np.nan, 0.5)])
def test_numbers_out_of_range_are_refused(bpm, clarity):
    sound = chords(BRIGHT, 3)
    with pytest.raises(ParameterError):
        mood(sound, bpm=bpm, beat_clarity=clarity)


def test_moods_that_make_no_sense_are_refused():
    with pytest.raises(ParameterError):
        SongMood(0, 0, [1.0], [[0, 2]], 0.5)
    with pytest.raises(ParameterError):
        SongMood(2, 0, [1.0], [[0, 0]], 0.5)


def test_every_cue_has_a_middle_and_a_weight():
    assert set(MIDDLES) == set(WEIGHTS)


def test_cues_tell_mode_register_and_roughness():
    spans = np.array([[0, 24.0]])

    def cues(*args, **options):
        return mood_cues(chords(*args, 24, **options), spans)

    major, minor = cues(BRIGHT), cues(DARK)
    phrygian = cues([(0, PHRYGIAN)])
    assert major.bright > minor.bright > phrygian.bright
    assert major.major > 0 > minor.major
    assert cues(BRIGHT, register=72).register - major.register > 4
    cluster = cues([(0, (0, 1, 2))], beat=0.1)
    assert cluster.roughness > cues([(0, (0, 4, 7))], beat=0.1).roughness
    assert cluster.clarity < major.clarity
    assert cues(BRIGHT, beat=0.25).onset_rate - major.onset_rate == pytest.approx(1, abs=0.4)
