"""What velocity does to a note."""

__all__ = ["velocity_gain"]


def velocity_gain(velocity: float) -> float:
    """Return the gain of a velocity: its square, 1 at 127.

    The default modulator from velocity to attenuation, concave, of "SoundFont Technical
    Specification 2.04" (Creative/E-mu 2006), 8.4.1; R. B. Dannenberg, "The Interpretation of MIDI
    Velocity", ICMC 2006, found that most synthesizers follow the square.

    Parameters
    ----------
    velocity : float
        1 to 127.
    """
    share = velocity / 127
    return share * share
