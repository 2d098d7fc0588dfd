"""The source ranges of a cue as one stream: played at their speed, joined by crossfades."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from musify.audio.pcm import BLOCK_FRAMES, PcmReader
from musify.audio.score_sound import score_source
from musify.audio.spool import Source, song_source
from musify.audio.varispeed import TAPS, resampled
from musify.cues import Cue, SourceRange

__all__ = ["frames_of", "joined"]

Pcm = NDArray[np.float32]


def frames_of(source: SourceRange, sample_rate: int) -> tuple[int, int, int]:
    """PCM frames of a range: its first, the one after its last, and how many it plays for."""
    start, end = round(source.start * sample_rate), round(source.end * sample_rate)
    return start, end, round((end - start) / source.speed)


def joined(cue: Cue, sample_rate: int, *, lead: bool = False) -> Iterator[Pcm]:
    """Play the source ranges of a cue in order, each joined to the next by a crossfade.

    Parameters
    ----------
    cue : Cue
        What to play; its fades and its gain are left to the caller.
    sample_rate : int
        PCM frames a second.
    lead : bool, default False
        Melodies of a composed track alone.

    Yields
    ------
    ndarray of float32, shape (n, 2)
        About ``cue.played`` seconds in all, up to a frame a range less from rounding.
    """
    if cue.joined_by == "pydub":
        yield from _joined_by_pydub(cue, sample_rate, lead=lead)
        return
    overlaps = [round(seconds * sample_rate) for seconds in cue.overlaps]
    last = len(cue.sources) - 1
    # Only what a varispeed looks ahead may lie beyond the last range.
    end = max(frames_of(source, sample_rate)[1] for source in cue.sources)
    tail: Pcm | None = None
    with _opened(cue, end, sample_rate, lead=lead) as sound:
        for index, source in enumerate(cue.sources):
            left = frames_of(source, sample_rate)[2]
            with PcmReader(_played(source, sound, sample_rate)) as reader:
                if tail is not None and len(tail):
                    # Rounded to frames, a range may be a frame shorter than its crossfades:
                    # silence.
                    overlap = len(tail)
                    head = _padded(reader.read(overlap), overlap)
                    left -= overlap
                    yield _crossfaded(tail, head, adaptive=source.crossfade is not None)
                held = overlaps[index] if index < last else 0
                while left > held:
                    block = reader.read(min(BLOCK_FRAMES, left - held))
                    if not len(block):
                        break
                    left -= len(block)
                    yield block
                tail = _padded(reader.read(held), held)
                reader.finish()
        sound.finish()


def _joined_by_pydub(cue: Cue, sample_rate: int, *, lead: bool) -> Iterator[Pcm]:
    from musify._pydub import segment_blocks, segment_of, spliced  # noqa: PLC0415 - in 2016 only

    ranges = [frames_of(source, sample_rate)[:2] for source in cue.sources]
    end = max(last for _, last in ranges)
    with _opened(cue, end, sample_rate, lead=lead) as sound:
        song = segment_of(np.concatenate([*sound.stretch(0, end)]), sample_rate)
        sound.finish()
    yield from segment_blocks(spliced(song, ranges), BLOCK_FRAMES)


def _opened(cue: Cue, end: int, sample_rate: int, *, lead: bool) -> Source:
    """Open what a cue plays, up to a PCM frame of it."""
    track, once = cue.track, len(cue.sources) == 1
    if track.score is None:
        return song_source(track.path, end, sample_rate, once=once)
    font = track.soundfont
    return score_source(track.score, sample_rate, soundfont=font, once=once, lead=lead)


def _played(source: SourceRange, sound: Source, sample_rate: int) -> Iterator[Pcm]:
    start, end, length = frames_of(source, sample_rate)
    if length == end - start:
        blocks = sound.stretch(start, end)
    else:
        margin = TAPS // 2
        context = sound.stretch(start - margin, end + margin)
        blocks = resampled(context, end - start, length)
    decay = round(source.gain_seconds * sample_rate)
    if not source.gain_db or not decay:
        yield from blocks
        return
    done = 0
    for block in blocks:
        if done >= decay:
            yield block
        else:
            position = np.arange(done, done + len(block))
            share = 0.5 + 0.5 * np.cos(np.minimum(1, position / decay) * math.pi)
            gain = 10 ** (source.gain_db / 20 * share)
            yield block * gain[:, None].astype(np.float32)
        done += len(block)


def _crossfaded(tail: Pcm, head: Pcm, *, adaptive: bool) -> Pcm:
    """Fade from one to the other.

    With equal power, cos² + sin² = 1, what is not in phase keeps its loudness; what is in phase
    would swell by up to 3 dB. Divided by sqrt(1 + r sin 2x), with r the correlation of both, the
    power stays even for every r (Fink, Holters & Zölzer, "Signal-matched power-complementary
    cross-fading and dry-wet mixing", DAFx 2016).
    """
    angle = (np.arange(len(tail)) + 0.5) / len(tail) * (math.pi / 2)
    fade_in, fade_out = np.sin(angle), np.cos(angle)
    if adaptive:
        energy = math.sqrt(float(np.vdot(tail, tail)) * float(np.vdot(head, head)))
        likeness = max(-0.5, float(np.vdot(tail, head)) / energy) if energy > 0 else 0.0
        power = np.sqrt(1 + likeness * np.sin(2 * angle))
        fade_in, fade_out = fade_in / power, fade_out / power
    mixed: Pcm = (tail * fade_out[:, None] + head * fade_in[:, None]).astype(np.float32)
    return mixed


def _padded(block: Pcm, frames: int) -> Pcm:
    missing = frames - len(block)
    return block if missing <= 0 else np.pad(block, ((0, missing), (0, 0)))
