"""SoundFonts: what they say is done, and broken ones are told from good ones."""

import numpy as np
import pytest
from tests.soundfonts import (
    KEYS,
    MODES,
    ROOT,
    SAMPLE,
    VELOCITIES,
    between,
    one_instrument,
    soundfont,
    sustained,
    timecents,
)

from musify.composer.instruments.catalogue import INSTRUMENTS
from musify.composer.instruments.font import SoundFont
from musify.composer.instruments.pack import open_soundfont
from musify.composer.instruments.seams import looped
from musify.composer.instruments.zones import Zone
from musify.errors import AudioDecodeError, MediaError, ParameterError

PIANO = INSTRUMENTS["piano"]


@pytest.fixture
def written(tmp_path):
    def write(content, name="my own.sf2"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def zones(path, entry=PIANO):
    return SoundFont(path).zones(entry)


def test_generators_mean_what_the_specification_says(written):
    generators = [
        (KEYS, between(30, 90)), (VELOCITIES, between(10, 100)), (ROOT, 57), (51, 2), (52, -25),
        (56, 50), (48, 100), (17, -250), (8, 9000), (9, 60), (11, -1200), (33, timecents(0.1)),
        (34, timecents(0.2)), (35, timecents(0.3)), (36, timecents(4)), (37, 120),
        (38, timecents(2)), (40, 100), (29, 250), (57, 3), (13, 20), (22, -1200), (6, 30),
        (24, -600), (23, timecents(1)), (MODES, 1), (46, 61), (47, 99),
    ]  # fmt: skip
    (zone,) = zones(written(one_instrument(sustained() | {"correction": 10}, *generators)))
    assert (zone.key_low, zone.key_high) == (30, 90)
    assert (zone.velocity_low, zone.velocity_high) == (10, 100)
    assert zone.root == 57
    assert zone.tuning == pytest.approx(1.85)
    assert zone.scale == 50
    assert zone.attenuation_db == pytest.approx(4)
    assert zone.pan == -0.5
    assert (zone.cutoff_cents, zone.resonance_db, zone.sweep_cents) == (9000, 6, -1200)
    volume = zone.volume
    assert [volume.delay, volume.attack, volume.hold, volume.decay, volume.release] == (
        pytest.approx([0.1, 0.2, 0.3, 4, 2], rel=1e-3)
    )
    assert volume.sustain_db == 12
    assert zone.decay_by_key == 100
    assert zone.sweep.sustain == 0.75
    assert zone.exclusive == 3
    assert (zone.tremolo_db, zone.vibrato_cents) == (2, 30)
    assert zone.tremolo_hz == pytest.approx(4.088, rel=1e-3)
    assert zone.vibrato_hz == pytest.approx(5.781, rel=1e-3)
    assert zone.vibrato_delay == pytest.approx(1, rel=1e-3)
    assert (zone.fixed_key, zone.fixed_velocity) == (61, 99)
    assert (zone.loop_start, zone.loop_end) == (22_050, 44_100)


def test_zones_of_presets_add_and_global_zones_stand_for_all(written):
    layers = [
        [(34, timecents(0.5)), (48, 50)],  # a zone without a sample: global
        [(KEYS, between(0, 59)), (SAMPLE, 0)],
        [(KEYS, between(60, 127)), (48, 200), (SAMPLE, 0)],
    ]
    own = [(KEYS, between(40, 80)), (48, 30), (8, -1000)]
    low, high = zones(written(soundfont([sustained()], [(0, 0, own, layers)])))
    assert (low.key_low, low.key_high, high.key_low, high.key_high) == (40, 59, 60, 80)
    assert low.attenuation_db == pytest.approx(0.4 * 8)
    assert high.attenuation_db == pytest.approx(0.4 * 23)
    assert low.cutoff_cents == 12_500
    assert low.volume.attack == high.volume.attack == pytest.approx(0.5, rel=1e-3)


def test_modulators_say_how_velocity_closes_the_filter(written):
    layers = [[(SAMPLE, 0)]]
    assert zones(written(soundfont([sustained()], [(0, 0, [], layers)])))[0].velocity_cents == 2400
    changed = soundfont([sustained()], [(0, 0, [], layers)], modulators=[(0x102, 8, -700, 0, 0)])
    assert zones(written(changed))[0].velocity_cents == 700


def test_catalogue_names_stand_for_general_midi(written):
    kit = INSTRUMENTS["standard-kit"]
    presets = [
        (0, INSTRUMENTS["harp"].program, [], [[(MODES, 1), (SAMPLE, 0)]]),
        (128, kit.program, [], [[(KEYS, between(36, 38)), (SAMPLE, 0)]]),
    ]
    path = written(soundfont([sustained()], presets))
    pack = open_soundfont(path)
    assert {"harp", "standard-kit", "soft-pad"} <= set(pack.names)
    assert "piano" not in pack.names
    with pytest.raises(ParameterError, match=r"my own\.sf2.* has no instrument 'piano'.*harp"):
        pack.instrument("piano")
    kit = pack.instrument("standard-kit")
    assert kit.is_drums
    assert len(kit.play(36, 100, 0.1, 48_000))
    assert len(kit.play(50, 100, 0.1, 48_000)) == 0


def test_velocity_layers_and_exclusive_classes(written):
    quiet, loud = sustained(level=0.1), sustained(880.0, level=0.8)
    layers = [
        [(VELOCITIES, between(0, 63)), (57, 1), (SAMPLE, 0)],
        [(VELOCITIES, between(64, 127)), (57, 1), (SAMPLE, 1)],
    ]
    presets = [(128, 0, [(KEYS, between(42, 46))], layers)]
    kit = open_soundfont(written(soundfont([quiet, loud], presets))).instrument("standard-kit")
    soft, hard = (kit.play(44, velocity, 0.1, 48_000)[:9600, 0] for velocity in (63.9, 64))
    crossings = [int((np.diff(np.signbit(sound[2000:])) != 0).sum()) for sound in (soft, hard)]
    assert crossings[1] == pytest.approx(2 * crossings[0], rel=0.05)
    assert kit.silenced_by(42) == set(range(42, 47))
    assert kit.silenced_by(60) == set()


def test_loops_that_do_not_meet_are_faded_and_good_ones_are_left_alone():
    good = sustained()
    zone = Zone(0, loop_start=good["loop"][0], loop_end=good["loop"][1])
    sound = looped(good["pcm"], zone, 100_000)
    assert np.array_equal(sound[:44_100], good["pcm"])
    assert np.array_equal(sound[44_100:66_150], good["pcm"][22_050:])
    bad = Zone(0, loop_start=22_000, loop_end=44_031)
    bends = np.abs(np.diff(looped(good["pcm"], bad, 100_000), 2))
    assert bends.max() < 1.2 * np.abs(np.diff(good["pcm"].astype(float), 2)).max()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"RIFF", "does not begin with RIFF"),
        (b"RIFF\x04\0\0\0WAVE" + bytes(40), "does not begin with RIFF"),
        (b"RIFF\xff\xff\xff\x7fsfbk" + bytes(40), "cut off"),
        (b"RIFF\x04\0\0\0sfbk", "it lacks phdr"),
    ],
)
def test_what_is_no_soundfont_is_told(written, content, says):
    with pytest.raises(AudioDecodeError, match=says) as caught:
        open_soundfont(written(content))
    assert "my own.sf2" in str(caught.value)


def test_no_file_and_a_folder_are_told(tmp_path):
    for path in (tmp_path / "none.sf2", tmp_path):
        with pytest.raises(AudioDecodeError, match="cannot read the SoundFont"):
            open_soundfont(path)


def test_tables_that_point_beyond_others_are_told(written):
    good = one_instrument(sustained(), (MODES, 1))
    assert len(zones(written(good))) == 1
    pointing = [(0, 0, [], [[(SAMPLE, 7)]])]
    with pytest.raises(AudioDecodeError, match="sample 7 is not among its 1"):
        zones(written(soundfont([sustained()], pointing)))
    place = good.index(b"preset 0") + 24
    with pytest.raises(AudioDecodeError, match="zones 999 to 1 of phdr 0"):
        zones(written(good[:place] + (999).to_bytes(2, "little") + good[place + 2 :]))
    place = good.index(b"sample 0") + 20
    huge = good[: place + 4] + b"\xff\xff\xff\x7f" + good[place + 8 :]
    with pytest.raises(AudioDecodeError, match="ends at PCM frame"):
        open_soundfont(written(huge)).instrument("piano")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99, 0.9999])
def test_a_soundfont_that_is_cut_off_is_told(written, share):
    good = one_instrument(sustained(), (MODES, 1))
    with pytest.raises(AudioDecodeError, match="cut off"):
        open_soundfont(written(good[: int(len(good) * share)]))


def test_broken_bytes_raise_errors_and_nothing_else(written, rng):
    """Whatever a table says, it is played or refused, soon, without much memory."""
    content = bytearray(one_instrument(sustained(), (MODES, 1), (36, 1000), own=((8, -500),)))
    tables, amounts = content.index(b"pdta"), content.index(b"igen")
    refused = 0
    for turn in range(100):
        broken = bytearray(content)
        # Every other time only where the numbers of the zones are.
        first, last = (amounts, amounts + 24) if turn % 2 else (tables, len(content))
        for place in rng.integers(first, last, size=6):
            broken[place] = rng.integers(0, 256)
        try:
            pack = open_soundfont(written(bytes(broken)))
            if "piano" in pack.names:
                sound = pack.instrument("piano").play(60, 80, 0.05, 8000)
                assert np.isfinite(sound).all()
        except MediaError:
            refused += 1
    assert 10 < refused < 90


def test_samples_said_to_be_vorbis_that_are_not_are_told(written):
    fake = {"pcm": b"not an Ogg stream at all", "root": 60}
    content = soundfont([fake], [(0, 0, [], [[(SAMPLE, 0)]])], compressed={0})
    with pytest.raises(AudioDecodeError, match=r"'sample 0' of the SoundFont .* is no Ogg stream"):
        open_soundfont(written(content)).instrument("piano")
