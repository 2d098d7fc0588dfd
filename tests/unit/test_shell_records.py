"""What the shell says of a plan and its video."""

from dataclasses import replace

import pytest

from musify import CueSheet, GainCurve
from musify._shell_records import say_own_sound

MIXED = "in the mix with the music, and kept as a track of its own"
SHEET = CueSheet((), 32.0)
STEPS_BACK = GainCurve([0, 5, 6, 9, 10, 32], [0, 0, -15, -15, 0, 0])
SILENCED = GainCurve([0, 5, 6, 9, 10, 32], [0, 0, -120, -120, 0, 0])
FADED = GainCurve([0, 32], [-0.1, -0.3])


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (
            SHEET,
            f"{MIXED}; music never steps back for it",
        ),
        (replace(SHEET, original="replace"), "gone, the music takes its place"),
        (
            replace(SHEET, original="duck", gain_curve=FADED),
            f"{MIXED}; music never steps back",
        ),
        (
            replace(SHEET, original="duck", gain_curve=STEPS_BACK),
            f"{MIXED}; music steps back for it by up to 15 dB, for 0:04.8 in all",
        ),
        (
            replace(SHEET, original="duck", gain_curve=STEPS_BACK, lead_curve=STEPS_BACK),
            f"{MIXED}; music steps back for it by up to 30 dB, for 0:04.9 in all",
        ),
        (
            replace(SHEET, original="duck", gain_curve=SILENCED),
            f"{MIXED}; music falls silent for it, for 0:05.0 in all",
        ),
        (
            replace(SHEET, original="second-track"),
            "stays as it is, and a second track has the mix with the music",
        ),
    ],
)
def test_what_becomes_of_own_sound_is_said(sheet, words, capsys, make_video):
    say_own_sound(sheet, make_video(32.0, audio=True))
    assert f"own sound: {words}" in capsys.readouterr().out
    say_own_sound(sheet, make_video(32.0))
    assert not capsys.readouterr().out
