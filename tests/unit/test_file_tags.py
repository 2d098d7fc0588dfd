"""Reading tags: what ffmpeg says, and what it leaves out."""

import struct

import pytest

from musify.index.file_tags import read_key, read_licence, read_tags
from musify.index.raw_tags import raw_tags


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({}, {}),
        ({"title": " A ", "artist": ""}, {"title": "A"}),
        ({"tbpm": "92,5"}, {"bpm": 92.5}),
        ({"tmpo": "120", "bpm": "0"}, {}),
        ({"tmpo": "120"}, {"bpm": 120.0}),
        ({"bpm": "inf"}, {}),
        ({"wm/mood": "Calm", "tmoo": "x"}, {"mood": "x"}),
        ({"initialkey": "Am"}, {"key": "A minor"}),
        ({"key": "noise"}, {}),
        ({"replaygain_track_gain": "+3.5 dB"}, {"loudness_lufs": -21.5}),
        ({"replaygain_track_gain": "900 dB"}, {}),
        ({"r128_track_gain": "-1280"}, {"loudness_lufs": -18.0}),
        ({"r128_track_gain": "x"}, {}),
        ({"title": "\udcff"}, {"title": "?"}),
        ({"title": "x" * 9999}, {"title": "x" * 500}),
        ({"genre": "Ambient", "tcon": "y"}, {"genre": "Ambient"}),
    ],
)
def test_tags(tags, found):
    assert read_tags(tags) == found


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C", "C major"), ("c", "C major"), ("Cm", "C minor"), ("CM", "C major"),
        ("F#m", "F# minor"), ("Bb", "Bb major"), ("B♭ minor", "Bb minor"),
        ("E-flat major", "Eb major"),
        ("G sharp min", "G# minor"), ("d moll", "D minor"), ("Es", None), ("H", None),
        ("A Maj", "A major"), ("8A", "A minor"), ("8B", "C major"), ("1A", "Ab minor"),
        ("12B", "E major"), ("5a", "C minor"), ("1d", "C major"), ("1m", "A minor"),
        ("13A", None), ("0A", None), ("", None), ("C minor!", None), ("Dm7", None),
    ],
)  # fmt: skip
def test_keys(text, key):
    assert read_key(text) == key


CC = "https://creativecommons.org/licenses/by-nc-sa/3.0/"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("", "", ""), (None, None)),
        (("CC-BY-4.0", "", ""), ("CC-BY-4.0", None)),
        (("", CC, ""), ("CC-BY-NC-SA-3.0", CC)),
        ((CC, "", ""), ("CC-BY-NC-SA-3.0", CC.rstrip("/"))),
        (("Free", CC, ""), ("Free", CC)),
        (
            ("", "", "2010 Ann. Licensed under http://creativecommons.org/licenses/by/3.0/ ok"),
            ("CC-BY-3.0", "http://creativecommons.org/licenses/by/3.0"),
        ),
        (("", "", "(c) 2010 Ann, all rights reserved"), (None, None)),
        (
            ("https://creativecommons.org/publicdomain/zero/1.0/", "", ""),
            ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0"),
        ),
    ],
)  # fmt: skip
def test_licences(given, found):
    assert read_licence(*given) == found


def syncsafe(number):
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3(version, *frames, flags=0, before=b""):
    body = before
    for name, data in frames:
        if version == 2:
            body += name[:3] + len(data).to_bytes(3, "big") + data
        else:
            size = syncsafe(len(data)) if version == 4 else len(data).to_bytes(4, "big")
            body += name + size + b"\0\0" + data
    body += bytes(20)  # padding
    return b"ID3" + bytes([version, 0, flags]) + syncsafe(len(body)) + body


URL = b"http://creativecommons.org/licenses/by/4.0/"
TITLE = (b"TIT2", b"\0" + b"x" * 300)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (id3(3, TITLE, (b"WCOP", URL)), {"wcop": URL.decode()}),
        (id3(4, TITLE, (b"WCOP", URL + b"\0junk")), {"wcop": URL.decode()}),
        (id3(2, (b"TT2", b"\0x"), (b"WCP", URL)), {"wcop": URL.decode()}),
        (id3(4, (b"WCOP", URL), flags=0x40, before=syncsafe(6) + b"\1\0"), {"wcop": URL.decode()}),
        (id3(3, (b"WCOP", URL), flags=0x40, before=b"\0\0\0\6" + bytes(6)), {"wcop": URL.decode()}),
        (id3(3, TITLE), {}),
        (id3(3, (b"WCOP", b"")), {}),
        (id3(5, (b"WCOP", URL)), {}),
        (id3(3, (b"WCOP", URL))[:15], {}),
        (b"ID3\3\0\0\xff\xff\xff\xff", {}),
        (b"ID3", {}),
        (b"", {}),
        (b"RIFF....WAVE", {}),
    ],
)
def test_the_licence_of_id3(tmp_path, data, found):
    (tmp_path / "a.mp3").write_bytes(data + b"\xff\xfb" + bytes(99))
    assert raw_tags(tmp_path / "a.mp3") == found


def test_bytes_put_between_for_old_players_are_taken_out(tmp_path):
    frame = (b"APIC", b"\xff\x00\xff\x00")
    data = id3(3, frame, (b"WCOP", URL), flags=0x80)
    # The lengths are those before the bytes were put in between.
    data = data.replace(b"APIC\0\0\0\4", b"APIC\0\0\0\2")
    (tmp_path / "a.mp3").write_bytes(data)
    assert raw_tags(tmp_path / "a.mp3") == {"wcop": URL.decode()}


def atom(name, content):
    return struct.pack(">I4s", 8 + len(content), name) + content


def mp4(tempo, *, wide=False):
    data = atom(b"data", struct.pack(">II", 21, 0) + tempo)
    tags = atom(b"ilst", atom(b"xnam", b"abc") + atom(b"tmpo", data))
    udta = atom(b"udta", atom(b"meta", bytes(4) + atom(b"hdlr", bytes(9)) + tags))
    moov = atom(b"moov", atom(b"mvhd", bytes(50)) + udta)
    media = struct.pack(">I4sQ", 1, b"mdat", 16 + 9) + bytes(9) if wide else atom(b"mdat", bytes(9))
    return atom(b"ftyp", b"M4A \0\0\0\0") + media + moov


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (mp4(b"\0\x5c"), {"tmpo": "92"}),
        (mp4(b"\0\x5c", wide=True), {"tmpo": "92"}),
        (mp4(b"\x7b"), {"tmpo": "123"}),
        (mp4(b"\0\0"), {}),
        (mp4(b""), {}),
        (mp4(b"\0\x5c")[:-1], {}),
        (atom(b"ftyp", b"M4A ") + b"\xff\xff\xff\xffmoov", {}),
        (atom(b"ftyp", b"M4A ") + bytes(64), {}),
    ],
)
def test_the_tempo_of_mp4(tmp_path, data, found):
    (tmp_path / "a.m4a").write_bytes(data)
    assert raw_tags(tmp_path / "a.m4a") == found


def test_any_cut_of_a_file_is_survived(tmp_path):
    for whole in (mp4(b"\0\x5c"), id3(4, TITLE, (b"WCOP", URL))):
        for end in range(0, len(whole), 7):
            (tmp_path / "a").write_bytes(whole[:end])
            assert raw_tags(tmp_path / "a") in ({}, {"wcop": URL.decode()})
