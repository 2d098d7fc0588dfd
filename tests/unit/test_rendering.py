"""Scores made to sound: length, loudness, ending, stems, repetition."""

import pickle

import numpy as np
import pytest

from musify.audio.bs1770 import integrated_loudness, true_peak
from musify.composer.form.section import Section
from musify.composer.render.rendering import rendered, stems
from musify.composer.score import Notes, Part, Score
from musify.composer.tempo import TempoMap
from musify.composer.theory.keys import Key
from musify.errors import ParameterError

RATE = 24_000  # half the usual rate, half the work


class Plucked:
    """A few harmonics that die away; bells ring longer than they are held."""

    is_drums = False

    def __init__(self, decay=0.6, partials=6):
        self.decay, self.partials = decay, partials

    def play(self, pitch, velocity, held, sample_rate):
        release = 0.08
        time = np.arange(round((held + release) * sample_rate)) / sample_rate
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        wave = sum(
            np.sin(2 * np.pi * hertz * k * time + k) / k ** (2 - velocity / 200)
            for k in range(1, self.partials)
            if hertz * k < 0.45 * sample_rate
        )
        wave = wave * np.exp(-time / self.decay) * np.minimum(time / 0.004, 1)
        wave *= np.clip((held + release - time) / release, 0, 1) * 0.1 * (velocity / 127) ** 2
        return np.stack([wave, wave], axis=1).astype(np.float32)


class Drum:
    """Noise that dies away; the two hi-hats cut each other off."""

    is_drums = True

    def silenced_by(self, pitch):
        return frozenset({42, 46}) if pitch in (42, 46) else frozenset()

    def play(self, pitch, velocity, held, sample_rate):
        length = {36: 0.25, 38: 0.2, 42: 0.06, 46: 0.5}.get(pitch, 0.3)
        time = np.arange(round(length * sample_rate)) / sample_rate
        noise = np.random.default_rng(pitch).standard_normal(len(time))
        if pitch == 36:
            noise = np.sin(2 * np.pi * (50 * time + 4 * (1 - np.exp(-time / 0.02)))) * 3
        wave = noise * np.exp(-4 * time / length) * np.minimum(time / 0.001, 1)
        wave *= np.clip((length - time) / 0.01, 0, 1) * 0.1 * (velocity / 127) ** 2
        return np.stack([wave, 0.9 * wave], axis=1).astype(np.float32)


class SyntheticPack:
    """Knows four instruments."""

    def __init__(self):
        self.made = {
            "piano": Plucked(),
            "harp": Plucked(decay=0.3, partials=9),
            "strings": Plucked(decay=20, partials=12),
            "acoustic-bass": Plucked(decay=0.8, partials=4),
            "standard-kit": Drum(),
        }

    @property
    def names(self):
        return tuple(self.made)

    def instrument(self, name):
        if name not in self.made:
            raise ParameterError(f"the synthetic pack has no instrument {name!r}")
        return self.made[name]


def synthetic_score(bars=8, bpm=120.0, ring=3.0, **changes):
    """Eight parts, about 20 notes a second at 120 bpm, of a cadence in C that repeats."""
    beats = 4 * bars
    roots = [48, 53, 55, 48]
    chords = [(0, 4, 7), (0, 4, 7), (0, 4, 7), (0, 4, 7)]
    written = {name: [] for name in ("melody", "counter", "chords", "harp", "pad", "bass", "kit")}
    for bar in range(bars):
        root, tones = roots[bar % 4], chords[bar % 4]
        at = 4 * bar
        for beat in range(4):
            written["melody"].append((at + beat, 0.9, root + 24 + tones[(beat + bar) % 3], 90))
            written["bass"].append((at + beat, 0.8, root - 12, 85))
            written["kit"] += [(at + beat, 0.2, 36 if beat % 2 == 0 else 38, 100)]
            written["kit"] += [
                (at + beat + part / 4, 0.2, 46 if part == 2 else 42, 70) for part in range(4)
            ]
            written["harp"] += [
                (at + beat + part / 2, 0.5, root + 12 + tones[(part + beat) % 3], 75)
                for part in range(2)
            ]
            written["chords"] += [(at + beat, 0.6, root + 12 + tone, 70) for tone in tones]
        written["counter"].append((at, 3.5, root + 19, 60))
        written["pad"] += [(at, 4.0, root + tone, 60) for tone in tones]
    for name, pitches in (
        ("melody", (72,)),
        ("bass", (36,)),
        ("pad", (48, 52, 55)),
        ("chords", (60, 64, 67)),
    ):
        written[name] += [(beats, 2 * ring, pitch, 80) for pitch in pitches]
    cast = {
        "melody": ("melody", "piano", 0.0, 0.3),
        "counter": ("counter", "strings", 0.3, 0.4),
        "chords": ("harmony", "piano", -0.3, 0.2),
        "harp": ("arpeggio", "harp", 0.5, 0.3),
        "pad": ("pad", "strings", 0.0, 0.4),
        "bass": ("bass", "acoustic-bass", 0.0, 0.05),
        "kit": ("drums", "standard-kit", 0.0, 0.1),
    }
    parts = []
    for name, (role, instrument, pan, reverb) in cast.items():
        notes = Notes(*np.array(sorted(written[name])).T)
        parts.append(Part(name, role, instrument, notes, pan=pan, reverb=reverb))
    key = Key(0, "major")
    about = {
        "duration": beats * 60 / bpm + ring,
        "tempo": TempoMap([0, beats], [0, beats * 60 / bpm]),
        "sections": (Section("A", "theme", 0, (4,) * bars, 0.5, 0.3, key, 1),),
        "chords": (),
        "parts": tuple(parts),
        "style": "synthetic",
        "seed": 1,
        "version": "0",
    }
    return Score(**(about | changes))


@pytest.fixture(scope="module")
def score():
    return synthetic_score(bars=2, ring=2.5)


@pytest.fixture(scope="module")
def song(score):
    return rendered(score, sample_rate=RATE, pack=SyntheticPack()).render()


def test_it_is_exactly_as_long_as_the_score(score, song):
    assert song.shape == (round(score.duration * RATE), 2)
    assert song.dtype == np.float32


def test_it_is_as_loud_as_songs_are(song):
    assert integrated_loudness(song, RATE) == pytest.approx(-16, abs=0.1)
    assert true_peak(song, RATE) <= -1
    assert np.abs(song).max() < 1


def test_it_ends_in_silence_after_a_chord_that_rings(song):
    last = round(0.05 * RATE)
    assert 20 * np.log10(np.abs(song[-last:]).max() + 1e-12) < -50
    ringing = song[-round(1.2 * RATE) : -round(0.9 * RATE)]
    assert 20 * np.log10(np.abs(ringing).max()) > -45


def test_it_has_no_offset(song):
    assert np.abs(song.mean(axis=0)).max() < 1e-4


def test_its_sides_differ_and_belong_together(song):
    assert 0.2 < np.corrcoef(song.T)[0, 1] < 0.95


def test_the_same_score_gives_the_same_sound(score, song):
    again = rendered(score, sample_rate=RATE, pack=SyntheticPack()).render()
    assert np.array_equal(song, again)


def test_it_can_be_pickled(score, song):
    track = rendered(score, sample_rate=RATE, pack=SyntheticPack())
    assert np.array_equal(pickle.loads(pickle.dumps(track)).render(), song)


@pytest.mark.parametrize("by", ["bus", "part"])
def test_stems_add_up_to_the_song_before_its_limiter(score, song, by):
    apart = stems(score, by=by, sample_rate=RATE, pack=SyntheticPack())
    assert (
        list(apart)
        == {
            "bus": ["melody", "harmony", "pads", "bass", "drums"],
            "part": [part.name for part in score.parts],
        }[by]
    )
    total = np.sum([stem.render() for stem in apart.values()], axis=0)
    assert total.shape == song.shape
    # The limiter turns peaks down by a little, for a few hundredths of a second.
    untouched = np.abs(total - song).max(axis=1) < 1e-5
    assert untouched.mean() > 0.5
    assert np.abs(song[~untouched]).sum() < np.abs(total[~untouched]).sum()


def test_parts_can_be_heard_alone(score):
    alone = rendered(score, sample_rate=RATE, pack=SyntheticPack(), parts=["bass"]).render()
    power = np.abs(np.fft.rfft(alone.mean(axis=1))) ** 2
    hertz = np.fft.rfftfreq(len(alone), 1 / RATE)
    assert power[hertz < 700].sum() > 0.9 * power.sum()


def test_parts_that_are_not_there_are_refused(score):
    with pytest.raises(ParameterError, match="no part is called 'tuba'; there are melody"):
        rendered(score, pack=SyntheticPack(), parts=["tuba"])
    with pytest.raises(ParameterError, match="by must be 'bus' or 'part'"):
        stems(score, pack=SyntheticPack(), by="colour")
    with pytest.raises(ParameterError, match="sample_rate must be at least 8000"):
        rendered(score, pack=SyntheticPack(), sample_rate=4000)


def test_an_instrument_that_the_pack_lacks_is_told_before_anything_sounds(score):
    pack = SyntheticPack()
    del pack.made["harp"]
    with pytest.raises(ParameterError, match="no instrument 'harp'"):
        rendered(score, pack=pack)
