"""The final chord: what each part plays on it, and until when."""

from collections.abc import Iterator
from typing import Final

from musify.composer.motifs.melody import closing_note
from musify.composer.parts.grooves import DRUMS
from musify.composer.parts.guitar import gripped
from musify.composer.parts.pitch import nearest, tones_between
from musify.composer.parts.setting import Setting
from musify.composer.theory.chords import Chord
from musify.composer.written import Written

__all__ = ["closed"]

_ROLLED: Final = ("plucked", "keys", "mallets")


def closed(
    setting: Setting,
    chord: Chord,
    *,
    pattern: str,
    role: str,
    until: float,
    before: int | None,
) -> Iterator[Written]:
    """Write a part's last notes.

    Parameters
    ----------
    setting : Setting
        Of the part in the last section.
    chord : Chord
        The final one.
    pattern : str
        What the part played: grips end as grips, drums with a cymbal.
    role : str
        Its role.
    until : float
        The beat at which it is released.
    before : int or None
        Its last pitch, of lines.
    """
    length = max(0.05, until - chord.start)
    if pattern == "groove":
        yield from _drums(setting, chord.start, length)
        return
    if pattern == "timpani":
        if setting.drums > 0:
            root = nearest(chord.root, 45, setting.low, setting.high)
            yield Written(chord.start, length, root, 88)
        return
    if role == "bass":
        center = setting.low + 0.3 * (setting.high - setting.low)
        pitch = nearest(chord.root, center, setting.low, setting.high)
        yield Written(chord.start, length, pitch, 84)
        return
    if role in ("melody", "counter"):
        if before is not None:
            low, high = setting.low, setting.high
            pitch = closing_note(before, chord, low=low, high=high)
            yield Written(chord.start, length, pitch, 82)
        return
    if pattern in ("strum", "pick", "travis"):
        pitches = gripped(chord, 0, setting.instrument.low, setting.instrument.high)
    else:
        voices = 3 if role in ("ostinato", "effects") else 4
        # With the root lowest it rests, even where no bass plays.
        root = setting.low + (chord.root - setting.low) % 12
        pitches = tones_between(chord.tones, root, setting.high)[:voices]
    spread = 0.03 + 0.02 * (1 - setting.cues.velocity)
    spread = spread if setting.instrument.family in _ROLLED else 0.0
    for order, pitch in enumerate(pitches):
        yield Written(chord.start, length, pitch, 80 - 2 * order, spread * order)


def _drums(setting: Setting, at: float, length: float) -> Iterator[Written]:
    if setting.drums <= 0:
        return
    orchestral = setting.option("groove", "pop") in ("taiko", "march")
    if setting.drums > 0.3:
        cymbal = "cymbal" if orchestral else "crash"
        yield Written(at, min(4.0, length), DRUMS[cymbal], 70 + 16 * setting.drums)
    yield Written(at, min(1.0, length), DRUMS["kick"], 84)
