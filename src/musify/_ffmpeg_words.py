"""What ffmpeg says about itself, read and put into words."""

import re
from collections.abc import Sequence
from typing import Final

from musify.errors import FFmpegError

__all__ = ["InputFilterError", "failure", "own_words"]

_SAYS_NOTHING: Final = ("At least one output file must be specified", "Exiting with exit code")
_ADDRESS = re.compile(r"\[[^\]]* @ 0x[0-9a-f]+\] ?")
_NO_INPUT_FILTER = re.compile(r"Option bsf\S* .*cannot be applied to input")


def own_words(lines: Sequence[str], count: int = 4) -> str:
    """Put ffmpeg's last lines into one, without memory addresses and empty phrases."""
    cleaned = [_ADDRESS.sub("", line).strip() for line in lines]
    telling = [line for line in cleaned if line and not line.startswith(_SAYS_NOTHING)]
    return "; ".join(dict.fromkeys(telling[-count:]))


class InputFilterError(FFmpegError):
    """A build of ffmpeg takes no bitstream filter on an input, as those before 7.0 do not.

    It says so at once, before anything is decoded.
    """


def failure(
    what: str, code: int | None, command: Sequence[str], tail: Sequence[str]
) -> FFmpegError:
    """Say how ffmpeg ended, with its own words.

    Parameters
    ----------
    what : str
        How, where nobody killed it, such as "failed".
    code : int or None
        Its exit status.
    command, tail : sequence of str
        What was run, and the last lines it wrote.

    Returns
    -------
    FFmpegError
        To be raised; an :class:`InputFilterError` where it is one.
    """
    if code is not None and code < 0:
        how = f"was killed by signal {-code}"
    else:
        how = f"{what} (exit status {code})"
    words = own_words(tail)
    kind = InputFilterError if any(map(_NO_INPUT_FILTER.search, tail)) else FFmpegError
    return kind(
        f"ffmpeg {how}" + (f": {words}" if words else ""),
        command=command,
        returncode=code,
        stderr_tail=tail,
    )
