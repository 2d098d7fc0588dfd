"""What ffmpeg says about itself, read and put into words."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["describe_failure", "knows_no_input_filter", "own_words"]

_SAYS_NOTHING: Final = ("At least one output file must be specified", "Exiting with exit code")
_ADDRESS = re.compile(r"\[[^\]]* @ 0x[0-9a-f]+\] ?")


def own_words(lines: Sequence[str], count: int = 4) -> str:
    """Put ffmpeg's last lines into one, without memory addresses and empty phrases."""
    cleaned = [_ADDRESS.sub("", line).strip() for line in lines]
    telling = [line for line in cleaned if line and not line.startswith(_SAYS_NOTHING)]
    return "; ".join(dict.fromkeys(telling[-count:]))


def describe_failure(what: str, code: int | None, tail: Sequence[str]) -> str:
    """Say how ffmpeg ended, with its own words."""
    if code is not None and code < 0:
        how = f"was killed by signal {-code}"
    else:
        how = f"{what} (exit status {code})"
    words = own_words(tail)
    return f"ffmpeg {how}" + (f": {words}" if words else "")


def knows_no_input_filter(lines: Iterable[str]) -> bool:
    """Say whether ffmpeg refused ``-bsf`` on an input, as builds before 7.0 do at once."""
    return any("bsf" in line for line in lines)
