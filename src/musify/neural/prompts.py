"""From the plan of a piece to words that a model of music was taught with."""

from dataclasses import dataclass

import numpy as np

from musify.composer.commission import Commission
from musify.composer.form.shape import shape
from musify.composer.style.style import Style, quadrant_of
from musify.timeline import MoodTimeline

__all__ = ["Prompt", "prompts_of"]

_PACE = ((70.0, "very slow"), (90.0, "slow"), (115.0, "mid-tempo"), (135.0, "fast"))
_QUADRANTS = {
    "happy": "joyful, bright, energetic",
    "tense": "tense, dark, driving",
    "sad": "sad, melancholic, quiet",
    "calm": "calm, warm, peaceful",
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """What to ask for, from a time on.

    Parameters
    ----------
    start : float
        Seconds.
    words : str
        Such as ``"sad, melancholic, quiet piano music, slow, 72 bpm, A minor, instrumental"``.
    """

    start: float
    words: str


def prompts_of(timeline: MoodTimeline, style: Style, *, seed: int, words: str = "") -> list[Prompt]:
    """Describe each section of the piece that the composer would write.

    The plan is the composer's: its sections, tempo and keys. MusicGen was taught with descriptions
    that name genre, mood, instruments and tempo (Copet et al., "Simple and Controllable Music
    Generation", NeurIPS 2023), so these are named.

    Parameters
    ----------
    timeline : MoodTimeline
        Which mood when.
    style : Style
        Which instruments, tempi and metres.
    seed : int
        As of the composer.
    words : str, default ""
        The user's own, put first.

    Returns
    -------
    list of Prompt
        By their start; the first begins at 0. Neighbours differ.
    """
    form = shape(Commission(timeline, style.name, seed=seed), style)
    bpm = float(np.median(form.tempo.bpm))
    pace = next((name for limit, name in _PACE if bpm < limit), "very fast")
    prompts: list[Prompt] = []
    for section in form.sections:
        start = float(form.tempo.seconds_at(section.start))
        quadrant = quadrant_of(section.valence, section.arousal)
        label = timeline.at(min(max(start, 0.0) + 0.01, timeline.duration)).label
        players = dict.fromkeys(
            chair.instrument.replace("-", " ")
            for chair in style.templates[quadrant][0].chairs
            if not chair.enters
        )
        parts = [
            words,
            label,
            _QUADRANTS[quadrant],
            f"{style.title.lower()} music",
            f"{pace}, {bpm:.0f} bpm",
            section.key.name,
            ", ".join(players),
            "instrumental",
        ]
        said = ", ".join(part for part in parts if part)
        if not prompts or prompts[-1].words != said:
            prompts.append(Prompt(start if prompts else 0.0, said))
    return prompts
