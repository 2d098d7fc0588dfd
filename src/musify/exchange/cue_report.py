"""The cues as a table, as broadcasters and rights societies ask for it."""

import csv
import io
from typing import Final

from musify.cues import CueSheet

__all__ = ["cue_report"]

COLUMNS: Final = (
    "cue",
    "title",
    "artist",
    "usage",
    "in",
    "out",
    "seconds",
    "licence",
    "licence_url",
    "attribution",
    "file",
)
# Usage as cue sheets of rights societies abbreviate it: background instrumental, background vocal.
_USAGES: Final = {True: "BI", False: "BV", None: ""}


def cue_report(sheet: CueSheet) -> str:
    """List the cues of a sheet as CSV, a line each, in the order of their entrance.

    Parameters
    ----------
    sheet : CueSheet
        What plays when.

    Returns
    -------
    str
        CSV (RFC 4180) with a header. Times are ``H:MM:SS.mmm`` from the first picture; ``usage`` is
        ``BI`` (background instrumental) or ``BV`` (background vocal), empty where it is not known.
        Composed tracks are in no file.

    Examples
    --------
    >>> print(cue_report(CueSheet((), 10.0)).strip())
    cue,title,artist,usage,in,out,seconds,licence,licence_url,attribution,file
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number, cue in enumerate(sheet.cues, start=1):
        track, licence = cue.track, cue.track.licence
        writer.writerow(
            (
                number,
                track.title,
                track.artist or "",
                _USAGES[track.instrumental],
                _clock(cue.start),
                _clock(cue.end),
                f"{cue.duration:.3f}",
                licence.name if licence else "",
                (licence.url or "") if licence else "",
                track.credit,
                track.path if track.score is None else "",
            )
        )
    return out.getvalue()


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
