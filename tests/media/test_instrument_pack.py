"""The bundled pack and .sf3: what takes ffmpeg to decode."""

import platform
import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest
from tests.soundfonts import MODES, SAMPLE, soundfont, tone

from musify import _ffmpeg
from musify.composer.instruments.bundle import Bundle
from musify.composer.instruments.calibration import reference_loudness
from musify.composer.instruments.catalogue import INSTRUMENTS
from musify.composer.instruments.font import SoundFont
from musify.composer.instruments.instrument import REFERENCE_LUFS
from musify.composer.instruments.ogg import ogg_packets, ogg_pages
from musify.composer.instruments.pack import load_pack, open_soundfont
from musify.errors import AudioDecodeError

pytestmark = pytest.mark.media
RATE = 48_000
SYNTH_BASS_SUM = 3_983_973_246
FEW = ("vibraphone", "synth-bass", "clarinet")


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSIFY_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield load_pack()


@pytest.fixture(scope="module")
def vorbis(tmp_path_factory):
    """Encode tones as Ogg Vorbis."""
    folder = tmp_path_factory.mktemp("vorbis")

    def encode(hertz, rate=44_100, *more):
        pcm, out = folder / "in.raw", folder / "out.ogg"
        pcm.write_bytes(tone(hertz, 0.7, rate).tobytes())
        args = ["-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", str(pcm), "-c:a", "libvorbis"]
        _ffmpeg.run([*args, *(more or ("-q:a", "5")), "-y", str(out)])
        return out.read_bytes()

    return encode


def test_instruments_of_the_pack_are_as_loud_as_it_says(pack):
    for name in FEW:
        assert reference_loudness(pack.instrument(name)) == pytest.approx(REFERENCE_LUFS, abs=0.1)


@pytest.mark.slow
def test_everything_in_the_catalogue_plays_over_its_range(pack):
    for name in pack.names:
        made = pack.instrument(name)
        step = 1 if made.is_drums else 3
        for pitch in range(made.low, made.high + 1, step):
            sound = made.play(pitch, 90, 0.3, RATE)
            assert np.isfinite(sound).all()
            assert 1e-3 < np.abs(sound).max() < 2, (name, pitch)
            assert not sound[-1].any()
            assert np.abs(sound[0]).max() < 0.02 * np.abs(sound).max(), (name, pitch)


def test_a_second_run_decodes_nothing_and_a_broken_cache_is_made_anew(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setenv("MUSIFY_DATA_DIR", str(tmp_path))
    caplog.set_level("DEBUG", "musify._ffmpeg")
    first = load_pack().instrument("vibraphone").play(60, 90, 0.4, RATE)
    assert len(caplog.records) == 1
    (kept,) = (tmp_path / "instruments").iterdir()
    whole = kept.read_bytes()
    caplog.clear()
    assert np.array_equal(load_pack().instrument("vibraphone").play(60, 90, 0.4, RATE), first)
    assert not caplog.records
    for broken in (b"", whole[:1000], whole[:-2] + b"\x55\x55", b"\0" * len(whole)):
        kept.write_bytes(broken)
        assert np.array_equal(load_pack().instrument("vibraphone").play(60, 90, 0.4, RATE), first)
        assert kept.read_bytes() == whole


def test_what_cannot_be_kept_plays_the_same(tmp_path, monkeypatch, pack):
    wall = tmp_path / "a file and no folder"
    wall.touch()
    monkeypatch.setenv("MUSIFY_DATA_DIR", str(wall / "data"))
    made = load_pack().instrument("synth-bass").play(40, 90, 0.4, RATE)
    assert np.array_equal(made, pack.instrument("synth-bass").play(40, 90, 0.4, RATE))


@pytest.mark.skipif(
    platform.machine() not in {"x86_64", "AMD64"}, reason="other compilers fuse multiply and add"
)
def test_the_decoded_sound_of_the_pack_is_the_same_on_every_machine(tmp_path, monkeypatch):
    """Without vector instructions the arithmetic is that of the C that was written."""
    monkeypatch.setenv("MUSIFY_DATA_DIR", str(tmp_path))
    bundle = Bundle()
    samples = sorted({zone.sample for zone in bundle.zones("synth-bass")})
    bundle.need("synth-bass", samples)
    found = zlib.crc32(b"".join(bundle.pcm(index).tobytes() for index in samples))
    assert found == SYNTH_BASS_SUM


def test_loading_takes_less_than_a_second(tmp_path):
    code = "from musify.composer.instruments.pack import load_pack; import time\n"
    code += "start = time.process_time(); load_pack(); print(time.process_time() - start)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert float(ran.stdout) < 1


def test_sf3_is_decoded_by_one_ffmpeg_to_what_was_encoded(tmp_path, vorbis, caplog):
    samples = [
        {"pcm": vorbis(hertz), "root": root, "loop": (11_025, 22_050)}
        for hertz, root in ((440, 69), (880, 81), (660, 76))
    ]
    zones = [
        [(43, low | low + 9 << 8), (MODES, 1), (SAMPLE, n)] for n, low in enumerate((60, 70, 80))
    ]
    path = tmp_path / "own.sf3"
    path.write_bytes(soundfont(samples, [(0, 0, [], zones)], compressed={0, 1, 2}))
    font = SoundFont(path)
    caplog.set_level("DEBUG", "musify._ffmpeg")
    font.need(range(3))
    assert len(caplog.records) == 1
    for index, hertz in enumerate((440, 880, 660)):
        pcm = font.pcm(index)
        clean = tone(hertz, 0.7)
        assert len(pcm) == len(clean)
        error = pcm.astype(float) - clean
        assert np.square(error).mean() < 0.001 * np.square(clean.astype(float)).mean()
    piano = open_soundfont(path).instrument("piano")
    sound = piano.play(69, 90, 2.0, RATE)[:, 0]
    peak = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))).argmax() * RATE / len(sound)
    assert peak == pytest.approx(440, rel=0.003)


def test_sf3_with_samples_of_different_settings(tmp_path, vorbis):
    samples = [
        {"pcm": vorbis(440), "root": 69},
        {"pcm": vorbis(300, 22_050, "-q:a", "1"), "root": 60, "rate": 22_050},
    ]
    zones = [[(SAMPLE, 0)], [(SAMPLE, 1)]]
    path = tmp_path / "own.sf3"
    path.write_bytes(soundfont(samples, [(0, 0, [], zones)], compressed={0, 1}))
    font = SoundFont(path)
    font.need([0, 1])
    assert [len(font.pcm(index)) for index in (0, 1)] == [30_870, 15_435]


@pytest.mark.parametrize("fault", ["stereo", "cut", "headers only", "noise", "no setup"])
def test_broken_vorbis_in_an_sf3_is_told(tmp_path, vorbis, fault, rng):
    good = vorbis(440)
    packets, _ = ogg_packets(good, "good")
    if fault == "stereo":
        bad = vorbis(440, 44_100, "-ac", "2")
    elif fault == "cut":
        bad = good[: len(good) // 2]
    elif fault == "headers only":
        bad = b"".join(ogg_pages([(packet, 0) for packet in packets[:2]]))
    elif fault == "no setup":
        bad = b"".join(ogg_pages([(p, 0) for p in [*packets[:2], b"\x05vorbis", *packets[3:]]]))
    else:
        noise = [bytes(rng.integers(0, 256, 300, dtype=np.uint8)) for _ in range(20)]
        bad = b"".join(ogg_pages([(p, 0) for p in [*packets[:3], *noise]]))
    path = tmp_path / "own.sf3"
    path.write_bytes(soundfont([{"pcm": bad}], [(0, 0, [], [[(SAMPLE, 0)]])], compressed={0}))
    with pytest.raises(AudioDecodeError, match="sample"):
        open_soundfont(path).instrument("piano")


def test_pages_are_what_other_programs_read(vorbis):
    packets, length = ogg_packets(vorbis(440), "it")
    assert length == 30_870
    pages = b"".join(ogg_pages([(packet, 7) for packet in packets]))
    assert ogg_packets(pages, "mine") == (packets, 7)
    # The checksum of each page is that of RFC 3533: computed bit by bit.
    page = next(iter(ogg_pages([(b"abc" * 100, 1)])))
    (told,) = struct.unpack_from("<I", page, 22)
    total = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        total ^= byte << 24
        for _ in range(8):
            total = (total << 1 ^ (0x04C11DB7 if total >> 31 else 0)) & 0xFFFFFFFF
    assert told == total


def test_playing_is_quick(pack):
    """A note of a pitch that was played before takes a few milliseconds, on slow machines more."""
    made = pack.instrument("vibraphone")
    made.play(60, 90, 0.5, RATE)
    start = time.process_time()
    for turn in range(50):
        made.play(60, 60 + turn, 0.3 + turn / 100, RATE)
    assert (time.process_time() - start) / 50 < 0.02


def test_catalogue_ranges_are_inside_midi():
    assert all(0 <= entry.low < entry.high <= 127 for entry in INSTRUMENTS.values())
