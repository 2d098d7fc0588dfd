"""Sound brought to a loudness as a whole, with its true peaks under a ceiling.

How loud a mix is, is only known when all of it has been rendered. So it is rendered once into a
meter. A gain changes nothing but the level, so where no peak exceeds the ceiling afterwards, the
gain is known exactly and the second rendering is the result. Where peaks do, the limiter takes
some loudness; then what passes the limiter is measured too, and the gain corrected.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify import _checks
from musify._iterators import ended
from musify.audio.bs1770 import Loudness, measure_blocks
from musify.audio.limit import Dip, limited
from musify.audio.targets import (
    CEILING_DBTP,
    DEFAULT_TARGET,
    MOST_GAIN_DB,
    gain_to_target,
    target_lufs,
)
from musify.notices import notify
from musify.progress import listener
from musify.soundtrack import Soundtrack

__all__ = [
    "ENCODER_CEILING_DBTP",
    "MOST_RENDERINGS",
    "Level",
    "find_level",
    "levelled",
    "set_level",
]

ENCODER_CEILING_DBTP: Final = -2.0
"""Ceiling before a lossy encoder, so that at most -1 dBTP come out of the decoder."""

# How far off the target is as good as on it: less than a meter shows to a tenth.
_NEAR_LU: Final = 0.1
# So much of a little more gain comes through the limiter: 0.91 to 0.95 in generated mixes in which
# it turned peaks down by 3 to 12 dB, 0.6 at worst. A correction of this many LU at most is sure.
_USUAL_SLOPE: Final = 0.92
_SURE_LU: Final = 0.2
# Half of what is turned down around an overshoot, in seconds: a frame of AAC is 21 ms.
_AROUND: Final = 0.06
_MARGIN_DB: Final = 0.3
_CORRECTIONS: Final = 2
MOST_RENDERINGS: Final = 2 + _CORRECTIONS
# Steeper corrections than this would run away where the limiter eats all that is added.
_STEEPEST: Final = 4.0


@dataclass(frozen=True, slots=True)
class Level:
    """The gain that brings sound to a loudness, and what it leads to.

    Parameters
    ----------
    gain_db : float
        Decibels before the limiter.
    target_lufs : float
        What was wanted.
    ceiling_dbtp : float
        Highest true peak that the limiter lets through.
    before : Loudness
        The sound as it is.
    after_lufs : float or None
        Integrated loudness behind the limiter, to 0.1 LU; None for silence.
    renderings : int
        How often the sound was rendered to find out.
    dips : tuple of (float, float, float)
        Places that are turned down because an encoder overshot there: start and end in seconds,
        and decibels.
    """

    gain_db: float
    target_lufs: float
    ceiling_dbtp: float
    before: Loudness
    after_lufs: float | None
    renderings: int
    dips: tuple[Dip, ...] = ()

    @property
    def within_reach_lufs(self) -> float | None:
        """What was wanted, or what is reached where that was out of reach; None for silence."""
        if self.after_lufs is None or abs(self.target_lufs - self.after_lufs) > _NEAR_LU:
            return self.after_lufs
        return self.target_lufs

    def corrected(
        self, found: Loudness, *, ceiling_dbtp: float = CEILING_DBTP, within: float = 0.1
    ) -> "Level | None":
        """Learn from the finished file what an encoder made of the sound.

        Encoders lose loudness where sound is noisy, and overshoot peaks, by up to 3 dB now and
        then: nobody can know before where. So the gain moves by what is missing, and a tenth of a
        second around each overshoot is turned down.

        Parameters
        ----------
        found : Loudness
            What :func:`musify.audio.loudness.measure_file` read in the file with
            ``peaks_above=ceiling_dbtp``.
        ceiling_dbtp : float, default -1
            Highest true peak that the file may have.
        within : float, default 0.1
            LU that it may be off.

        Returns
        -------
        Level or None
            What to render with instead; None where the file is right, and for silence. Where the
            target was out of reach, loudness is compared with what was reached.
        """
        if found.integrated_lufs is None or self.after_lufs is None:
            return None
        missing = self.after_lufs - found.integrated_lufs
        if abs(self.target_lufs - self.after_lufs) <= _NEAR_LU:
            missing = self.target_lufs - found.integrated_lufs
        high = [peak for peak in found.high_peaks if peak[1] > ceiling_dbtp]
        if abs(missing) <= within and not high:
            return None
        dips = tuple(
            (time - _AROUND, time + _AROUND, ceiling_dbtp - peak - _MARGIN_DB)
            for time, peak in high
        )
        gain = self.gain_db if abs(missing) <= within else self.gain_db + missing
        return dataclasses.replace(self, gain_db=min(gain, MOST_GAIN_DB), dips=(*self.dips, *dips))


def find_level(
    soundtrack: Soundtrack,
    target: float | str = DEFAULT_TARGET,
    ceiling_dbtp: float = ENCODER_CEILING_DBTP,
) -> Level:
    """Find the gain that brings a soundtrack to a loudness behind a limiter.

    Parameters
    ----------
    soundtrack : Soundtrack
        Rendered once where nothing exceeds the ceiling, else two or three times, at most four.
    target : float or str, default "web"
        LUFS, or a name of :data:`musify.audio.targets.TARGETS`.
    ceiling_dbtp : float, default -2
        Highest true peak in dB of full scale, in [-20, 0].

    Returns
    -------
    Level
        Behind :func:`set_level` the sound is within 0.1 LU of the target, unless it is silent,
        would need more than 40 dB, or its peaks stand too high above the rest: then ``after_lufs``
        tells how far it gets, and so does a notice.

    Raises
    ------
    ParameterError
        If a number leaves its range.
    """
    wanted = target_lufs(target)
    _checks.number("ceiling_dbtp", ceiling_dbtp, low=-20, high=0)
    before = _measured(soundtrack)
    if before.integrated_lufs is None:
        notify("the sound is silent, so it was brought to no loudness")
        return Level(0.0, wanted, ceiling_dbtp, before, None, 1)
    gain = gain_to_target(before.integrated_lufs, wanted)
    after = before.integrated_lufs + gain
    renderings = 1
    assert before.true_peak_dbtp is not None  # what is not silent has one
    if before.true_peak_dbtp + gain > ceiling_dbtp:
        tried = [(gain, _after(soundtrack, gain, ceiling_dbtp))]
        renderings += 1
        while abs(wanted - tried[-1][1]) > _SURE_LU and renderings < MOST_RENDERINGS:
            corrected = _corrected(tried, wanted)
            tried.append((corrected, _after(soundtrack, corrected, ceiling_dbtp)))
            renderings += 1
        tried.sort(key=lambda pair: -abs(wanted - pair[1]))
        gain, after = tried[-1]
        last = _corrected(tried, wanted)
        if abs(wanted - after) <= _SURE_LU and last < MOST_GAIN_DB:
            gain, after = last, wanted
    if abs(wanted - after) > _NEAR_LU:
        notify(
            f"the sound reaches {after:.1f} LUFS instead of {wanted:.1f}: it is so quiet, or its "
            "peaks so high, that more would spoil it"
        )
    return Level(gain, wanted, ceiling_dbtp, before, after, renderings)


def set_level(
    soundtrack: Soundtrack, gain_db: float, ceiling_dbtp: float, dips: tuple[Dip, ...] = ()
) -> Soundtrack:
    """Apply a gain, and behind it a limiter.

    Parameters
    ----------
    soundtrack : Soundtrack
        As long, with as many channels, as what is returned.
    gain_db : float
        Decibels. With 0, and no peak above the ceiling, the sound is the same bit for bit.
    ceiling_dbtp : float
        Highest true peak in dB of full scale.
    dips : tuple of (float, float, float)
        As in :class:`Level`.
    """
    source = _Levelled(soundtrack, gain_db, ceiling_dbtp, dips)
    return dataclasses.replace(soundtrack, source=source)


def levelled(
    soundtrack: Soundtrack,
    target: float | str = DEFAULT_TARGET,
    ceiling_dbtp: float = ENCODER_CEILING_DBTP,
) -> Soundtrack:
    """Bring a soundtrack to a loudness, with its true peaks under a ceiling.

    See :func:`find_level`, which does the work and tells the gain, and :func:`set_level`, which
    applies it again without measuring anew. Whoever listens is told of the measuring, as stage
    ``"level"``.
    """
    level = find_level(soundtrack.told(listener(), "level"), target, ceiling_dbtp)
    return set_level(soundtrack, level.gain_db, level.ceiling_dbtp)


@dataclass(frozen=True, slots=True)
class _Levelled:
    """Renders and levels each time it is called; data, so that a soundtrack can be pickled."""

    soundtrack: Soundtrack
    gain_db: float
    ceiling_dbtp: float
    dips: tuple[Dip, ...]

    def __call__(self) -> Iterator[NDArray[np.float32]]:
        ceiling = 10 ** (self.ceiling_dbtp / 20)
        rate = self.soundtrack.sample_rate
        yield from limited(self._louder(), sample_rate=rate, ceiling=ceiling, dips=self.dips)

    def _louder(self) -> Iterator[NDArray[np.float32]]:
        gain = np.float32(10 ** (self.gain_db / 20))
        with ended(self.soundtrack.blocks()) as blocks:
            for block in blocks:
                yield block if gain == 1 else block * gain


def _measured(soundtrack: Soundtrack) -> Loudness:
    with ended(soundtrack.blocks()) as blocks:
        return measure_blocks(blocks, soundtrack.sample_rate, soundtrack.channels)


def _after(soundtrack: Soundtrack, gain_db: float, ceiling_dbtp: float) -> float:
    """Loudness behind the limiter."""
    lufs = _measured(set_level(soundtrack, gain_db, ceiling_dbtp)).integrated_lufs
    return -np.inf if lufs is None else lufs


def _corrected(tried: list[tuple[float, float]], wanted: float) -> float:
    """Next gain to try: along the line through the last two, or a little more than is missing."""
    gain, got = tried[-1]
    slope = _USUAL_SLOPE
    if len(tried) > 1 and tried[-2][0] != gain:
        slope = (got - tried[-2][1]) / (gain - tried[-2][0])
    return min(gain + (wanted - got) / max(slope, 1 / _STEEPEST), MOST_GAIN_DB)
