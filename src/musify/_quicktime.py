"""Peculiarities of QuickTime files as ffmpeg writes them."""

from typing import Final

__all__ = ["QUICKTIME_LANGUAGES"]

# ffmpeg knows each language of QuickTime by one code only: of some the older of two (ISO 639-2/B),
# of some the newer (/T), and Swedish by one of Apple's (libavformat/isom.c,
# mov_mdhd_language_map).
QUICKTIME_LANGUAGES: Final = {
    "bod": "tib",
    "cym": "wel",
    "cze": "ces",
    "deu": "ger",
    "ell": "gre",
    "eus": "baq",
    "fas": "per",
    "fre": "fra",
    "hye": "arm",
    "isl": "ice",
    "kat": "geo",
    "mkd": "mac",
    "msa": "may",
    "mya": "bur",
    "nld": "dut",
    "rum": "ron",
    "slo": "slk",
    "sqi": "alb",
    "swe": "sve",
    "zho": "chi",
}
