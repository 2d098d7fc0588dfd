"""What is heard in songs of which everything is known."""

import numpy as np
import pytest

from musify.audio.analyze_song import analyze_pcm
from musify.audio.beats import smooth_grid, track_beats
from musify.audio.sections import find_sections
from musify.errors import ParameterError
from musify.testing.generated_songs import generated_song
from thinned import thinned

RATE = 22_050


def f_measure(truth, found):
    """Share of beats within 70 ms, and the median distance of those, as in mir_eval."""
    hits = [np.abs(found - time).min() for time in truth]
    right = [hit for hit in hits if hit <= 0.07]
    return 2 * len(right) / (len(truth) + len(found)), float(np.median(right))


SONGS = {
    "plain": {"bpm": 120, "key": "C major"},
    "waltz": {"bpm": 134, "beats_per_bar": 3, "key": "F# minor"},
    "five": {"bpm": 126, "beats_per_bar": 5, "key": "A# minor"},
    "seven": {"bpm": 150, "beats_per_bar": 7, "key": "D dorian"},
    "slow": {"bpm": 84, "key": "E phrygian", "jitter": 0.008},
    "swing": {"bpm": 104, "key": "G mixolydian", "swing": 0.16},
    "live": {"bpm": 112, "key": "D# major", "drift": 0.04, "jitter": 0.006},
    "no drums": {"bpm": 98, "key": "B lydian", "drums": False},
}


@pytest.fixture(scope="module", params=thinned(SONGS, every=3))
def heard(request):
    song = generated_song(3, form="IAO", sample_rate=RATE, **SONGS[request.param])
    return song, analyze_pcm(song.pcm, RATE)


def test_beats(heard):
    song, analysis = heard
    score, distance = f_measure(song.beats, analysis.beats)
    assert score >= 0.95
    assert distance <= 0.005
    assert analysis.bpm == pytest.approx(song.bpm, rel=0.04)
    assert analysis.beat_clarity > 0.5


def test_bars(heard):
    song, analysis = heard
    assert analysis.beats_per_bar == song.beats_per_bar
    assert f_measure(song.downbeats, analysis.downbeats)[0] >= 0.95
    assert set(analysis.downbeats) <= set(analysis.beats)


def test_key(heard):
    song, analysis = heard
    tonic, mode = song.key.split()
    family = "major" if mode in {"major", "lydian", "mixolydian"} else "minor"
    assert analysis.key == f"{tonic} {family}"
    assert analysis.key_clarity > 0.2


def test_form(heard):
    song, analysis = heard
    first = song.section_edges[1]
    bar = 60 / song.bpm * song.beats_per_bar
    assert analysis.section_edges[1] == pytest.approx(first, abs=0.1)
    assert analysis.section_edges[1] in analysis.downbeats
    assert analysis.intro_end == pytest.approx(first, abs=0.1)
    # The last chord, and at least a bar before it.
    assert song.beats[-1] - 5 * bar <= analysis.ending_start <= song.beats[-1] - 0.9 * bar


def test_level_does_not_matter():
    song = generated_song(1, form="IAO", bars_per_section=4, sample_rate=RATE)
    loud, quiet = analyze_pcm(song.pcm, RATE), analyze_pcm(song.pcm * 0.01, RATE)
    assert quiet.beats == pytest.approx(loud.beats, abs=1e-3)
    assert (quiet.key, quiet.beats_per_bar) == (loud.key, loud.beats_per_bar)
    assert quiet.loudness_lufs == pytest.approx(loud.loudness_lufs - 40, abs=0.5)


def test_rates_and_channels_agree():
    song = generated_song(1, form="IAO", bars_per_section=4, sample_rate=44_100)
    both = analyze_pcm(song.pcm, 44_100)
    one = analyze_pcm(song.pcm.mean(axis=1)[::2], RATE)
    assert one.beats == pytest.approx(both.beats, abs=0.004)
    assert one.key == both.key


def test_the_same_sound_is_heard_the_same():
    song = generated_song(2, form="IAO", bars_per_section=4, sample_rate=RATE)
    first, second = analyze_pcm(song.pcm, RATE), analyze_pcm(song.pcm, RATE)
    for name in ("beats", "downbeats", "section_edges", "energy", "plane"):
        assert (getattr(first, name) == getattr(second, name)).all()


def ambient(rng, seconds):
    time = np.arange(seconds * RATE) / RATE
    sound = np.zeros(len(time))
    for _ in range(seconds // 5):
        start, length = rng.uniform(0, seconds - 10), rng.uniform(6, 14)
        swell = np.clip((time - start) / 3, 0, 1) * np.clip((start + length - time) / 3, 0, 1)
        sound += 0.1 * swell * np.sin(2 * np.pi * 220 * 2 ** (rng.integers(12) / 12) * time)
    return sound


@pytest.mark.parametrize("kind", ["silence", "noise", "tone", "ambient", "rubato"])
def test_no_beat_is_imagined(kind):
    rng = np.random.default_rng(4)
    time = np.arange(40 * RATE) / RATE
    sound = {
        "silence": np.zeros(len(time)),
        "noise": rng.normal(0, 0.1, len(time)),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * time),
        "ambient": ambient(rng, 40),
        "rubato": np.zeros(len(time)),
    }[kind]
    if kind == "rubato":
        for start in np.cumsum(rng.exponential(0.5, 60) + 0.05):
            age = time - start
            note = np.sin(2 * np.pi * 220 * 2 ** (rng.integers(24) / 12) * time)
            sound += 0.2 * note * np.exp(-8 * np.maximum(age, 0)) * (age > 0)
    analysis = analyze_pcm(sound.astype(np.float32), RATE)
    assert analysis.beat_clarity < 0.2
    assert analysis.bpm is None
    assert analysis.beats_per_bar is None
    assert len(analysis.beats) == len(analysis.downbeats) == 0
    assert len(analysis.energy) == len(analysis.plane) > 0
    if kind in {"silence", "noise", "tone"}:
        assert analysis.key is None
    if kind == "silence":
        assert analysis.loudness_lufs is None
        assert not analysis.energy.any()


@pytest.mark.parametrize("frames", [1, 100, 2205, RATE, 3 * RATE])
@pytest.mark.parametrize("rate", [8000, RATE, 192_000])
def test_short_sound_is_no_fault(frames, rate):
    sound = np.random.default_rng(0).normal(0, 0.1, (frames, 2)).astype(np.float32)
    analysis = analyze_pcm(sound, rate)
    assert analysis.duration == frames / rate
    assert 0 <= analysis.intro_end <= analysis.ending_start <= analysis.duration


def test_what_is_not_a_number_is_silence():
    song = generated_song(1, form="IAO", bars_per_section=4, sample_rate=RATE)
    broken = song.pcm.copy()
    broken[1000:1010] = np.nan
    broken[5000] = np.inf
    assert analyze_pcm(broken, RATE).bpm == pytest.approx(120, rel=0.01)


@pytest.mark.parametrize(
    ("pcm", "rate"), [(np.zeros(0), 44_100), (np.zeros((0, 2)), 44_100), (np.zeros(9), 0)]
)
def test_nothing_is_a_fault(pcm, rate):
    with pytest.raises(ParameterError, match="a song needs PCM frames"):
        analyze_pcm(pcm, rate)


def test_energy_follows_the_song():
    song = generated_song(1, form="IAO", sample_rate=RATE)
    analysis = analyze_pcm(song.pcm, RATE)
    opening = analysis.energy[analysis.curve_times < song.section_edges[1] - 3]
    body = (analysis.curve_times > song.section_edges[1] + 3) & (
        analysis.curve_times < song.section_edges[2] - 3
    )
    assert opening.mean() < analysis.energy[body].mean() - 0.05
    assert analysis.plane[body][:, 1].mean() > analysis.plane[: len(opening), 1].mean()


def test_major_and_fast_is_happier_than_minor_and_slow():
    bright = generated_song(1, bpm=140, key="C major", form="IAO", sample_rate=RATE)
    dark = generated_song(1, bpm=75, key="C minor", form="IAO", sample_rate=RATE)
    happy, sad = analyze_pcm(bright.pcm, RATE), analyze_pcm(dark.pcm, RATE)
    assert happy.valence > sad.valence + 0.2
    assert happy.arousal > sad.arousal


def test_one_late_beat_does_not_bend_the_grid():
    straight = np.arange(40) * 0.5
    late = straight.copy()
    late[20] += 0.03
    assert smooth_grid(late, np.ones(40)) == pytest.approx(straight, abs=0.001)


def test_the_grid_follows_a_tempo_that_changes():
    beats = np.cumsum(np.linspace(0.5, 0.6, 60))
    grid = smooth_grid(beats + np.random.default_rng(0).normal(0, 0.005, 60), np.ones(60))
    assert np.abs(grid - beats).max() < 0.015
    assert np.median(np.abs(grid - beats)) < 0.008


def test_beats_keep_the_tempo_over_a_gap():
    onset = np.zeros(2000)
    onset[::50] = 3
    onset[800:1000] = 0
    onset[925] = 3  # between two beats
    beats = track_beats(onset, np.full(2000, 50.0))
    assert set(np.diff(beats)) == {50}


def test_a_song_of_few_bars_is_one_section(monkeypatch):
    song = generated_song(1, form="IAO", bars_per_section=2, sample_rate=RATE)
    assert analyze_pcm(song.pcm[: 3 * RATE], RATE).section_labels == ("A",)
    assert find_sections(np.array([0.0]), None, 2.0).edges.tolist() == [0, 2]
