"""What a mood asks of music: tempo, mode, register and so on, by an additive table."""

from dataclasses import dataclass

__all__ = ["MusicalCues"]


@dataclass(frozen=True, slots=True)
class MusicalCues:
    """How music sounds that expresses a point of the valence-arousal plane.

    Parameters
    ----------
    bpm : float
        Beats a minute.
    mode : str
        A name of :data:`musify.composer.theory.keys.MODES`.
    register : float
        MIDI pitch around which accompaniment lies; melody lies about an octave higher.
    gate : float
        Share of its notated length that a note is held, in (0, 1]: 1 is legato, .5 staccato.
    velocity : float
        Mean loudness of playing, in [0, 1].
    density : float
        Notes a beat of the busiest accompaniment, from 0.25 to 4.
    layers : float
        How many of an ensemble's instruments play, in [0, 1].
    drums : float
        How much percussion, in [0, 1]; 0 is none.
    tension : float
        Dissonance of the harmony, in [0, 1].
    brightness : float
        How open the sound is, in [0, 1].
    """

    bpm: float
    mode: str
    register: float
    gate: float
    velocity: float
    density: float
    layers: float
    drums: float
    tension: float
    brightness: float
