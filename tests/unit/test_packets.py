import io
from pathlib import Path

import numpy as np

from musify import _packets
from musify._packets import read_packets

# Of ffmpeg 9.0.2: a film of which the second frame is decoded third, and a frame without a time.
FRAMECRC = b"""\
#software: Lavf63.1.102
#tb 0: 1/1000
#media_type 0: video
#codec_id 0: h264
0,          0,         80,       40,     1234, 0x12345678, S=1,       8
0,         40,        160,       40,      200, 0x12345678, F=0x0
0,         80,        120,        0,      200, 0x12345678, F=0x10
0,        120,      NOPTS,       40,      200, 0x12345678, F=0x0
0,        160,        200,       40,     1000, 0x12345678, F=0x1
"""


class FakeProcess:
    """Says what it was made to say."""

    said = b""
    tail = ()

    def __init__(self, args):
        type(self).args = args
        self.stdout = io.BytesIO(self.said)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stdout.close()

    def finish_or_damaged(self):
        assert self.stdout.read() == b""


def says(monkeypatch, text):
    monkeypatch.setattr(FakeProcess, "said", text)
    monkeypatch.setattr(_packets, "FFmpegProcess", FakeProcess)


def test_corrupt_packets_are_a_complaint(monkeypatch):
    says(monkeypatch, FRAMECRC)
    assert not read_packets(Path("a.ts"), 0).complained
    says(monkeypatch, FRAMECRC + b"0, 200, 240, 40, 1000, 0x12345678, F=0x3\n")
    assert read_packets(Path("a.ts"), 0).complained


def test_packets_are_read(monkeypatch):
    says(monkeypatch, FRAMECRC)
    packets = read_packets(Path("-a.mkv"), 3, before=["-sseof", "-5"], after=["-frames:v", "4"])
    assert packets.starts.tolist() == [0.08, 0.16, 0.12, 0.12, 0.2]
    assert packets.lengths.tolist() == [0.04, 0.04, 0, 0.04, 0.04]
    assert packets.is_key.tolist() == [True, False, False, False, True]
    assert len(packets) == 5
    assert packets.sizes.tolist() == [1234, 200, 200, 200, 1000]
    assert packets.decoded.tolist() == [0, 0.04, 0.08, 0.12, 0.16]
    assert packets.guessed
    args = " ".join(FakeProcess.args)
    assert "-sseof -5 -i file:-a.mkv -map 0:3 -c copy -frames:v 4" in args


def test_a_file_without_packets(monkeypatch):
    says(monkeypatch, b"")
    assert len(read_packets(Path("a.mkv"), 0)) == 0


def test_a_raw_stream_gives_no_times(monkeypatch):
    unknown = b"-9223372036854775808"
    rows = b"".join(b"0, %b, %b, 40, 99, 0x12345678\n" % (unknown, unknown) for _ in range(3))
    says(monkeypatch, b"#tb 0: 1/1000\n" + rows)
    packets = read_packets(Path("a.h264"), 0)
    assert packets.starts.tolist() == [0.0, 0.04, 0.08]
    assert packets.guessed
    assert np.isnan(packets.decoded).all()
