"""SoundFonts made by hand, byte by byte."""

import struct

import numpy as np

KEYS, VELOCITIES, INSTRUMENT, SAMPLE, MODES, ROOT = 43, 44, 41, 53, 54, 58
_GUARD = 46  # PCM frames of silence that the specification wants after each sample


def chunk(name, content):
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def listed(name, *chunks):
    return chunk(b"LIST", name + b"".join(chunks))


def between(low, high):
    """Return the amount of a range of keys or velocities."""
    return low | high << 8


def timecents(seconds):
    return round(1200 * np.log2(seconds))


def tone(hertz, seconds, rate=44_100, level=0.5, harmonics=1):
    """Return a tone whose harmonics fall off, as 16 bits."""
    time = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * hertz * h * time) / h for h in range(1, harmonics + 1))
    return np.round(wave * level * 32767 / max(1, np.abs(wave).max())).astype(np.int16)


def soundfont(samples, presets, *, compressed=(), modulators=()):
    """Make a SoundFont.

    Parameters
    ----------
    samples : list of dict
        ``pcm`` (int16, or bytes of Vorbis if its index is in ``compressed``), and ``rate``,
        ``root``, ``loop`` (start, end), ``correction`` if they are not 44100, 60, none and 0.
    presets : list of (bank, program, own generators, zones)
        Each has one instrument; each of its zones is a list of (generator, amount).
    """
    sound, headers = b"", b""
    for index, sample in enumerate(samples):
        pcm = sample["pcm"]
        loop = sample.get("loop", (0, 0))
        if index in compressed:
            start, end = len(sound), len(sound) + len(pcm)
            sound += pcm
            kind = 0x11
        else:
            start = len(sound) // 2
            end = start + len(pcm)
            loop = loop[0] + start, loop[1] + start
            sound += pcm.astype("<i2").tobytes() + bytes(2 * _GUARD)
            kind = 1
        headers += struct.pack(
            "<20sIIIIIBbHH", b"sample %d" % index, start, end, *loop, sample.get("rate", 44_100),
            sample.get("root", 60), sample.get("correction", 0), 0, kind,
        )  # fmt: skip
    headers += struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    phdr = pbag = pgen = inst = ibag = igen = imod = b""
    bags = inner = gens = inner_gens = 0
    for number, (bank, program, own, zones) in enumerate(presets):
        phdr += struct.pack("<20sHHHIII", b"preset %d" % number, program, bank, bags, 0, 0, 0)
        pbag += struct.pack("<HH", gens, 0)
        for kind, amount in [*own, (INSTRUMENT, number)]:
            pgen += struct.pack("<HH", kind, amount & 0xFFFF)
            gens += 1
        bags += 1
        inst += struct.pack("<20sH", b"inst %d" % number, inner)
        for zone in zones:
            ibag += struct.pack("<HH", inner_gens, len(imod) // 10)
            for kind, amount in zone:
                igen += struct.pack("<HH", kind, amount & 0xFFFF)
                inner_gens += 1
            inner += 1
        for modulator in modulators:
            imod += struct.pack("<HHhHH", *modulator)
    phdr += struct.pack("<20sHHHIII", b"EOP", 0, 0, bags, 0, 0, 0)
    pbag += struct.pack("<HH", gens, 0)
    pgen += struct.pack("<HH", 0, 0)
    inst += struct.pack("<20sH", b"EOI", inner)
    ibag += struct.pack("<HH", inner_gens, len(imod) // 10)
    igen += struct.pack("<HH", 0, 0)
    imod += bytes(10)
    hydra = (
        chunk(b"phdr", phdr), chunk(b"pbag", pbag), chunk(b"pmod", bytes(10)),
        chunk(b"pgen", pgen), chunk(b"inst", inst), chunk(b"ibag", ibag), chunk(b"imod", imod),
        chunk(b"igen", igen), chunk(b"shdr", headers),
    )  # fmt: skip
    return chunk(
        b"RIFF",
        b"sfbk"
        + listed(b"INFO", chunk(b"ifil", struct.pack("<HH", 2, 4)))
        + listed(b"sdta", chunk(b"smpl", sound))
        + listed(b"pdta", *hydra),
    )


def sustained(hertz=440.0, root=69, **more):
    """Return a sample that loops, a whole number of cycles long."""
    rate = 44_100
    pcm = tone(hertz, 1.0, rate, **more)
    return {"pcm": pcm, "root": root, "loop": (rate // 2, rate), "rate": rate}


def one_instrument(sample, *generators, own=(), program=0, bank=0):
    """Return a SoundFont of one preset with one zone."""
    return soundfont([sample], [(bank, program, list(own), [[*generators, (SAMPLE, 0)]])])
