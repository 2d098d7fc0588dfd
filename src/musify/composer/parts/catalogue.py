"""Which patterns there are."""

from typing import Final

from musify.composer.parts import (
    bass,
    figures,
    guitar,
    keyboard,
    percussion,
    sustained,
    tunes,
)
from musify.composer.parts.grooves import GROOVES
from musify.composer.parts.pattern import Pattern
from musify.composer.parts.setting import Setting
from musify.composer.written import Written
from musify.errors import ParameterError

__all__ = ["PATTERNS", "find_pattern"]

_KEYS: Final = ("keys", "mallets", "plucked", "pad", "lead")
_HELD: Final = ("bowed", "voices", "pad", "winds", "brass", "keys", "lead")
_LINE: Final = ("lead", "winds", "bowed", "brass", "voices", "keys", "mallets", "plucked", "pad")
_LOW: Final = ("bass", "bowed", "keys", "plucked", "brass", "lead", "pad")
_OCTAVE: Final = {"octave": (-2.0, 2.0)}


def _given(setting: Setting) -> tuple[Written, ...]:
    return setting.tune


_PATTERNS: Final = (
    Pattern("tune", _given, ("melody",), _LINE, _OCTAVE),
    Pattern("counter", tunes.counter, ("counter",), _LINE, _OCTAVE),
    Pattern(
        "double",
        tunes.double,
        ("counter", "melody"),
        _LINE,
        {"interval": ("unison", "octave-below", "octave-above", "below")},
    ),
    Pattern("answer", tunes.answer, ("counter", "arpeggio"), _LINE, _OCTAVE),
    Pattern("strum", guitar.strum, ("harmony",), ("plucked",)),
    Pattern("pick", guitar.pick, ("arpeggio", "harmony"), ("plucked",)),
    Pattern("travis", guitar.travis, ("arpeggio", "harmony"), ("plucked",)),
    Pattern("block", keyboard.block, ("harmony",), (*_HELD, "mallets", "plucked"), _OCTAVE),
    Pattern("comp", keyboard.comp, ("harmony",), (*_KEYS, "brass"), _OCTAVE),
    Pattern("offbeats", keyboard.offbeats, ("harmony",), (*_KEYS, "bowed", "brass"), _OCTAVE),
    Pattern("alberti", keyboard.alberti, ("arpeggio", "harmony"), (*_KEYS, "winds"), _OCTAVE),
    Pattern("broken", keyboard.broken, ("arpeggio", "harmony"), _KEYS, _OCTAVE),
    Pattern("nocturne", keyboard.nocturne, ("harmony", "arpeggio"), ("keys", "plucked")),
    Pattern("stride", keyboard.stride, ("harmony",), ("keys",)),
    Pattern("pad", sustained.pad, ("pad", "harmony"), _HELD, _OCTAVE),
    Pattern("swells", sustained.swells, ("pad", "harmony"), _HELD, _OCTAVE),
    Pattern("drone", sustained.drone, ("pad",), (*_HELD, "bass"), _OCTAVE),
    Pattern("tremolo", sustained.tremolo, ("pad", "ostinato"), ("bowed",), _OCTAVE),
    Pattern(
        "arpeggio",
        figures.arpeggio,
        ("arpeggio",),
        _KEYS,
        {
            "octaves": (1.0, 3.0),
            "direction": ("up", "down", "both", "leaps", "any"),
            "slower": (1.0, 4.0),
            **_OCTAVE,
        },
    ),
    Pattern("roll", figures.roll, ("arpeggio", "harmony"), _KEYS, _OCTAVE),
    Pattern("bells", figures.bells, ("arpeggio", "effects"), _KEYS, _OCTAVE),
    Pattern("spiccato", figures.spiccato, ("ostinato",), ("bowed", "plucked", "lead"), _OCTAVE),
    Pattern("pizzicato", figures.pizzicato, ("ostinato", "harmony"), _KEYS, _OCTAVE),
    Pattern("pulse", figures.pulse, ("ostinato", "arpeggio"), (*_KEYS, "bowed"), _OCTAVE),
    Pattern("roots", bass.roots, ("bass",), _LOW),
    Pattern("root-fifth", bass.root_fifth, ("bass",), _LOW),
    Pattern("octaves", bass.octaves, ("bass",), _LOW),
    Pattern("eighths", bass.eighths, ("bass",), _LOW),
    Pattern("walking", bass.walking, ("bass",), _LOW),
    Pattern("pedal-point", bass.pedal_point, ("bass",), _LOW),
    Pattern("syncopated", bass.syncopated, ("bass",), _LOW),
    Pattern("sub", bass.sub, ("bass",), _LOW),
    Pattern(
        "groove",
        percussion.groove,
        ("drums",),
        ("drums",),
        {"groove": tuple(GROOVES), "always": (0.0, 1.0)},
    ),
    Pattern("timpani", percussion.timpani, ("drums",), ("drums",)),
    Pattern("accents", percussion.accents, ("effects",), (*_HELD, *_KEYS), {"least": (0.0, 1.0)}),
)

PATTERNS: Final = {pattern.name: pattern for pattern in _PATTERNS}
"""Every pattern, by its name."""


def find_pattern(name: str) -> Pattern:
    """Look a pattern up.

    Raises
    ------
    ParameterError
        If there is none of that name.
    """
    if name not in PATTERNS:
        raise ParameterError(
            f"no pattern is called {name!r}; there are {', '.join(sorted(PATTERNS))}"
        )
    return PATTERNS[name]
