"""How loud a whole should be, and the gain that makes it so."""

import math
from types import MappingProxyType
from typing import Final

from musify import _checks
from musify.errors import ParameterError

__all__ = [
    "CEILING_DBTP",
    "DEFAULT_TARGET",
    "MOST_GAIN_DB",
    "TARGETS",
    "gain_to_target",
    "target_lufs",
]

TARGETS: Final = MappingProxyType(
    {
        "web": -14.0,
        "apple": -16.0,
        "podcast": -16.0,
        "ebu": -23.0,
        "atsc": -24.0,
    }
)
"""Integrated loudness in LUFS by name: what YouTube and Spotify play at (``web``), what Apple
recommends and AES TD1008 gives for speech-led programmes (``apple``, ``podcast``), broadcast in
Europe by EBU R 128 (``ebu``) and in America by ATSC A/85 (``atsc``, in LKFS, the same unit)."""

DEFAULT_TARGET: Final = "web"

CEILING_DBTP: Final = -1.0
"""Highest true peak of a finished file: EBU R 128, Apple and Spotify alike."""

# A programme that needs more is as good as silent: it would be its noise that is lifted.
MOST_GAIN_DB: Final = 40.0
_LOWEST: Final = -60.0
_HIGHEST: Final = -5.0


def target_lufs(target: float | str) -> float:
    """Integrated loudness that a target stands for.

    Parameters
    ----------
    target : float or str
        LUFS, in [-60, -5], or a name of :data:`TARGETS`.

    Raises
    ------
    ParameterError
        If there is no such target.

    Examples
    --------
    >>> target_lufs("ebu"), target_lufs(-18)
    (-23.0, -18.0)
    """
    if isinstance(target, str):
        if target not in TARGETS:
            raise ParameterError(
                f"no loudness target is called {target!r}; there are {', '.join(TARGETS)}, "
                "or give a number of LUFS"
            )
        return TARGETS[target]
    return _checks.number("a loudness target in LUFS", target, low=_LOWEST, high=_HIGHEST)


def gain_to_target(
    measured_lufs: float | None,
    target: float | str = DEFAULT_TARGET,
    *,
    true_peak_dbtp: float | None = None,
    ceiling_dbtp: float = CEILING_DBTP,
    most_gain_db: float = MOST_GAIN_DB,
) -> float:
    """Gain that brings sound to a loudness.

    Parameters
    ----------
    measured_lufs : float or None
        Its integrated loudness now; None for silence, which stays as it is.
    target : float or str, default "web"
        LUFS, or a name of :data:`TARGETS`.
    true_peak_dbtp : float, optional
        Its highest true peak now. If given, the gain stops where this would exceed the ceiling:
        for sound that no limiter follows.
    ceiling_dbtp : float, default -1
        Highest true peak afterwards.
    most_gain_db : float, default 40
        No gain exceeds this.

    Returns
    -------
    float
        Decibels; 0 for silence.

    Raises
    ------
    ParameterError
        If there is no such target.

    Examples
    --------
    >>> gain_to_target(-20.5), gain_to_target(-20.5, true_peak_dbtp=-3.0)
    (6.5, 2.0)
    """
    wanted = target_lufs(target)
    if measured_lufs is None:
        return 0.0
    room = math.inf if true_peak_dbtp is None else ceiling_dbtp - true_peak_dbtp
    return min(wanted - measured_lufs, room, most_gain_db)
