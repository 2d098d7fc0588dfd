"""Playing a score: with the instruments that are shipped, or with a SoundFont."""

from pathlib import Path

from musify._ffmpeg import StrPath
from musify.composer.instruments.pack import open_soundfont
from musify.composer.part import LEAD_ROLES
from musify.composer.render.buses import BUS_OF_ROLE
from musify.composer.render.rendering import rendered, stems
from musify.composer.score import Score
from musify.progress import ProgressCallback
from musify.soundtrack import Soundtrack

__all__ = ["played", "played_apart", "played_lead"]


def played(score: Score, sample_rate: int, soundfont: StrPath | None) -> Soundtrack:
    """Play a score; see :meth:`Score.soundtrack`."""
    pack = None if soundfont is None else open_soundfont(Path(soundfont))
    return rendered(score, sample_rate=sample_rate, pack=pack)


def played_apart(
    score: Score,
    sample_rate: int,
    soundfont: StrPath | None,
    on_progress: ProgressCallback | None = None,
) -> dict[str, Soundtrack]:
    """Play each group of parts by itself; see :meth:`Score.write_stems`."""
    pack = None if soundfont is None else open_soundfont(Path(soundfont))
    return stems(score, sample_rate=sample_rate, pack=pack, on_progress=on_progress)


def played_lead(
    score: Score,
    sample_rate: int,
    soundfont: StrPath | None,
    on_progress: ProgressCallback | None = None,
) -> Soundtrack:
    """Play the melodies of a score as they go into it; see :meth:`Score.lead`."""
    return played_apart(score, sample_rate, soundfont, on_progress)[BUS_OF_ROLE["melody"]]


# The bus of the melody holds what leads, and nothing else.
assert {role for role, bus in BUS_OF_ROLE.items() if bus == BUS_OF_ROLE["melody"]} == set(
    LEAD_ROLES
)
