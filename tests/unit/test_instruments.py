"""Instruments: the synthesizer, the sampler, and what both promise."""

import numpy as np
import pytest
from tests.soundfonts import MODES, ROOT, one_instrument, sustained, timecents, tone

from musify.composer.instruments.calibration import (
    gain_to_reference,
    note_loudness,
    reference_loudness,
)
from musify.composer.instruments.catalogue import INSTRUMENTS
from musify.composer.instruments.envelope import Envelope, Sweep
from musify.composer.instruments.instrument import REFERENCE_LUFS
from musify.composer.instruments.low_pass import low_pass
from musify.composer.instruments.pack import load_pack, open_soundfont
from musify.composer.instruments.resampling import resampled
from musify.composer.instruments.synth import PATCHES, Synth
from musify.errors import ParameterError

RATE = 48_000


def hertz(pitch):
    return 440 * 2 ** ((pitch - 69) / 12)


def cents_off(sound, wanted, rate=RATE):
    """Measure the pitch of the partial near ``wanted``."""
    part = sound[len(sound) // 8 :]
    size = 1 << 19
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)), size)) ** 2
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    near = np.abs(frequencies / wanted - 1) < 0.04
    # The centre of what is there: detuned oscillators beat around the pitch.
    return 1200 * np.log2((power * frequencies)[near].sum() / power[near].sum() / wanted)


@pytest.fixture
def opened(tmp_path):
    """Open a SoundFont of one preset and return its instrument, without gain."""

    def open_(sample, *generators, name="piano", **more):
        path = tmp_path / "font.sf2"
        entry = INSTRUMENTS[name]
        more = {"program": entry.program, "bank": 128 if entry.is_kit else 0} | more
        path.write_bytes(one_instrument(sample, *generators, **more))
        return open_soundfont(path).instrument(name)

    return open_


@pytest.mark.parametrize("name", sorted(PATCHES))
def test_synths_play_in_tune_over_their_range(name):
    synth = Synth(INSTRUMENTS[name])
    for pitch in (synth.low, (synth.low + synth.high) // 2, synth.high):
        sound = synth.play(pitch, 90, 3.0, RATE).mean(axis=1)
        octave = 2 if name == "soft-pad" else 1
        assert abs(cents_off(sound, hertz(pitch) / octave)) < 3


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_sampled_notes_are_in_tune_over_the_range_at_every_rate(opened, rate):
    piano = opened(sustained(), (MODES, 1))
    for pitch in (33, 45, 57, 69, 74, 81, 93, 105):
        sound = piano.play(pitch, 100, 2.0, rate)[:, 0]
        assert abs(cents_off(sound, hertz(pitch), rate)) < 3


def test_nothing_folds_back_when_the_pitch_goes_up(opened):
    """All that lies above half the rate must be gone, not below it."""
    rich = sustained(440.0, root=69, harmonics=49)  # up to 21.6 kHz
    sound = opened(rich, (MODES, 1)).play(88, 127, 3.0, RATE)[:, 0]
    part = sound[RATE // 2 : RATE // 2 + 2 * RATE]
    spectrum = np.abs(np.fft.rfft(part * np.blackman(len(part))))
    frequencies = np.fft.rfftfreq(len(part), 1 / RATE)
    base = 440.0 * 2 ** (19 / 12)
    off = np.abs(frequencies / base - np.round(frequencies / base)) * base
    between = (off > 40) & (frequencies > 100) & (frequencies < 18_000)
    assert spectrum[between].max() < spectrum.max() * 10 ** (-60 / 20)


def test_interpolation_keeps_the_level_and_what_is_wanted_does_not_matter(rng):
    sound = rng.standard_normal(20_000).astype(np.float32)
    whole = resampled(sound, 0.918, 10_000)
    assert np.array_equal(resampled(sound, 0.918, 777), whole[:777])
    steady = resampled(np.ones(5000, np.float32), 1.37, 2000)
    assert np.abs(steady[200:-200] - 1).max() < 1e-3


def test_a_note_begins_and_ends_in_silence_and_never_clicks(opened):
    """The second difference of a note must be that of its sound, at every edge."""
    # A cosine: it begins, and loops, at its highest point.
    pcm = np.round(12_000 * np.cos(2 * np.pi * 220 * np.arange(44_100) / 44_100)).astype(np.int16)
    sample = {"pcm": pcm, "root": 57, "loop": (22_000, 44_017)}  # a loop that does not meet
    piano = opened(sample, (MODES, 1), (38, timecents(0.02)))
    for pitch, held in ((57, 0.013), (57, 0.4), (50, 2.2), (64, 0.001)):
        sound = piano.play(pitch, 100, held, RATE)[:, 0].astype(np.float64)
        around = np.concatenate([np.zeros(8), sound, np.zeros(8)])
        bend = np.abs(np.diff(around, 2)).max() / np.abs(sound).max()
        smooth = (2 * np.pi * hertz(pitch) / RATE) ** 2
        # The steepest edge, 2 ms of a smooth step, bends by 6 / 96^2 at most.
        assert bend < smooth + 0.002


def test_synths_begin_and_end_in_silence():
    for name in PATCHES:
        sound = Synth(INSTRUMENTS[name]).play(60, 110, 0.3, RATE)
        assert np.abs(sound[0]).max() == 0
        assert np.abs(sound[-1]).max() == 0
        assert np.abs(np.diff(sound, axis=0)[-200:]).max() < 1e-3 * np.abs(sound).max()


@pytest.mark.parametrize("name", [*sorted(PATCHES), "piano"])
def test_louder_and_brighter_with_velocity(opened, name):
    if name == "piano":
        made = opened(sustained(220.0, root=57, harmonics=60), (MODES, 1), (8, 9000))
    else:
        made = Synth(INSTRUMENTS[name])
    pitch = min(57, made.high - 12)
    sounds = [made.play(pitch, v, 0.6, RATE)[: RATE // 2] for v in (20, 50, 80, 110, 127)]
    levels = [float(np.square(sound).mean()) for sound in sounds]
    assert levels == sorted(levels)
    assert 10 * np.log10(levels[-1] / levels[0]) > 20
    spectra = [np.abs(np.fft.rfft(sound[:, 0])) ** 2 for sound in (sounds[0], sounds[-1])]
    frequencies = np.fft.rfftfreq(RATE // 2, 1 / RATE)
    soft, loud = ((s * frequencies).sum() / s.sum() for s in spectra)
    assert loud > soft * 1.01


def test_a_note_is_the_same_whatever_was_played_before(opened):
    sample = sustained(330.0, root=64, harmonics=8)
    first = opened(sample, (MODES, 1)).play(66, 80, 0.3, RATE)
    other = opened(sample, (MODES, 1))
    for held in (0.1, 5.0, 1.0):
        other.play(66, 80, held, RATE)
    assert np.array_equal(other.play(66, 80, 0.3, RATE), first)
    longer = other.play(66, 80, 0.6, RATE)
    assert np.array_equal(longer[: round(0.29 * RATE)], first[: round(0.29 * RATE)])


def test_loops_hold_a_note_as_long_as_one_likes(opened):
    sound = opened(sustained(), (MODES, 1)).play(69, 100, 8.0, RATE)[:, 0]
    assert len(sound) > 8 * RATE
    levels = [np.abs(sound[start : start + RATE]).max() for start in range(0, 8 * RATE, RATE)]
    assert max(levels) < min(levels) * 1.01


def test_what_does_not_loop_ends_by_itself(opened):
    sample = {"pcm": tone(440, 0.5), "root": 69}
    sound = opened(sample).play(69, 100, 8.0, RATE)
    assert 0.4 * RATE < len(sound) <= 0.51 * RATE


def test_drums_ring_on(opened):
    kit = opened({"pcm": tone(200, 0.5), "root": 60}, (ROOT, 60), name="standard-kit")
    assert len(kit.play(60, 100, 0.01, RATE)) > 0.45 * RATE


def test_envelope_stages_are_where_they_should_be():
    envelope = Envelope(0.1, 0.2, 0.1, 1.0, 20.0, 0.5)
    gains = envelope.gains(2.0, 1000)
    assert not gains[:101].any()
    assert gains[200] == pytest.approx(0.5, abs=0.01)
    assert gains[300:400].min() == pytest.approx(1, abs=0.01)
    # A fall by 100 dB takes a second, so one by 10 dB a tenth.
    assert 20 * np.log10(gains[500]) == pytest.approx(-10, abs=0.2)
    assert 20 * np.log10(gains[1900]) == pytest.approx(-20, abs=0.1)
    assert 20 * np.log10(gains[2100]) == pytest.approx(-40, abs=0.5)
    assert gains[-1] == 0
    released_early = envelope.gains(0.2, 1000)
    assert released_early.max() == pytest.approx(0.5, abs=0.02)


def test_the_envelope_of_a_filter_moves_in_straight_lines():
    shares = Sweep(0.1, 0.1, 0.1, 1.0, 0.5, 1.0).shares(2.0, 3000, 1000)
    assert shares[[50, 150, 250, 550, 1500]] == pytest.approx([0, 0.5, 1, 0.75, 0.5], abs=0.01)
    assert shares[[2250, 2900]] == pytest.approx([0.25, 0], abs=0.01)


@pytest.mark.parametrize(("cutoff", "resonance"), [(150, 0), (1000, 0), (4000, 6), (12_000, 0)])
def test_the_filter_does_what_its_recursion_says(rng, cutoff, resonance):
    sound = rng.standard_normal(12_000).astype(np.float32)
    angle = 2 * np.pi * cutoff / RATE
    alpha = np.sin(angle) / (2 * np.sqrt(0.5) * 10 ** (resonance / 20))
    gain = (1 - np.cos(angle)) / 2
    one = two = last = before = 0.0
    wanted = []
    for value in sound.tolist():
        new = gain * (value + 2 * one + two) + 2 * np.cos(angle) * last - (1 - alpha) * before
        new /= 1 + alpha
        one, two = value, one
        last, before = new, last
        wanted.append(new)
    found = low_pass(sound, cutoff, RATE, resonance)
    assert np.abs(found - wanted).max() < 2e-5
    assert np.array_equal(low_pass(sound[:500], cutoff, RATE, resonance)[:500], found[:500]) or (
        np.abs(low_pass(sound[:500], cutoff, RATE, resonance) - found[:500]).max() < 1e-6
    )


def test_tremolo_and_pan(opened):
    steady = opened(sustained(), (MODES, 1), (17, 500)).play(69, 100, 1.0, RATE)
    assert not steady[:, 0].any()
    trembling = opened(sustained(), (MODES, 1), (13, 60), (22, -600)).play(69, 100, 1.0, RATE)
    sizes = np.abs(trembling[:RATE, 0]).reshape(-1, 480).max(axis=1)[5:]
    assert 20 * np.log10(sizes.max() / sizes.min()) == pytest.approx(12, abs=1)


def test_vibrato_swings_the_pitch_by_so_many_cents(opened):
    made = opened(sustained(), (MODES, 1), (6, 50), (24, round(1200 * np.log2(5 / 8.176))))
    sound = made.play(69, 100, 2.0, RATE)[:, 0]
    phase = np.unwrap(
        np.angle(np.fft.ifft(np.fft.fft(sound) * (np.arange(len(sound)) < len(sound) / 2)))
    )
    pitch = 1200 * np.log2(np.diff(phase)[4800:-14_400] * RATE / (2 * np.pi) / 440)
    smooth = np.convolve(pitch, np.ones(480) / 480, "valid")
    assert smooth.max() == pytest.approx(50, abs=4)
    assert smooth.min() == pytest.approx(-50, abs=4)
    swings = np.flatnonzero(np.diff(np.signbit(smooth)))
    assert np.diff(swings).mean() == pytest.approx(RATE / 10, rel=0.02)


def test_every_soundfont_becomes_as_loud_as_the_pack(opened):
    for level in (0.02, 0.9):
        made = opened(sustained(level=level), (MODES, 1))
        assert reference_loudness(made) == pytest.approx(REFERENCE_LUFS, abs=0.2)
    # A blow is loudest in the window that begins with it.
    decay = 0.9995 ** np.arange(20_000)
    blow = opened({"pcm": (tone(1000, 20_000 / 44_100) * decay).astype(np.int16)})
    whole = blow.play(60, 80, 1.0, RATE)
    by_hand = 10 * np.log10(np.square(whole).sum() / (0.4 * RATE)) - 0.691
    assert note_loudness(blow, 60) == pytest.approx(by_hand, abs=1.5)
    silent = opened({"pcm": np.zeros(1000, np.int16)})
    assert gain_to_reference(silent) == 0


@pytest.mark.parametrize(
    "wrong",
    [(128, 80, 1, RATE), (60.5, 80, 1, RATE), (60, 0, 1, RATE), (60, 80, 0, RATE),
     (60, 80, float("nan"), RATE), (60, 80, 1, 100), (60, 80, 4000, RATE)],
)  # fmt: skip
def test_what_cannot_be_played_is_told(wrong):
    with pytest.raises(ParameterError, match="must be"):
        Synth(INSTRUMENTS["soft-lead"]).play(*wrong)


def test_the_pack_has_the_whole_catalogue_and_says_so():
    pack = load_pack()
    assert pack.names == tuple(INSTRUMENTS)
    with pytest.raises(ParameterError, match=r"'kazoo'.*piano"):
        pack.instrument("kazoo")
