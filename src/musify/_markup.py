"""Text that goes into HTML and SVG."""

import html
from typing import Final

__all__ = ["escape"]

# What no page may hold (control characters), and what turns the direction of the text around it.
_REPLACED: Final = dict.fromkeys(
    [
        *range(0x09),
        *(0x0B, 0x0C),
        *range(0x0E, 0x20),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xD800, 0xE000),
        *(0xFFFE, 0xFFFF),
    ],
    "\N{REPLACEMENT CHARACTER}",
)


def escape(words: str) -> str:
    """Write words so that they stand in a page or a picture, in an attribute too, as they are.

    Characters that cannot be shown become a replacement character, so that whatever stands in names
    of files and in tags makes a page that is well-formed, and text that shows where it stands.

    Examples
    --------
    >>> print(escape('<b title="x">'))
    &lt;b title=&quot;x&quot;&gt;
    """
    return html.escape(words.translate(_REPLACED))
