"""Grooves of drums: for each kind of music, from sparse to full, what is struck on which sixteenth.

The figures are the common ones of drum methods (for rock and jazz J. Chapin, "Advanced Techniques
for the Modern Drummer", 1948; T. Reed, "Progressive Steps to Syncopation", 1958) and of drum
machines' factory patterns. A sign a sixteenth: ``X`` accent, ``x`` stroke, ``o`` ghost.
"""

from typing import Final

__all__ = ["DRUMS", "GROOVES", "Groove"]

DRUMS: Final = {
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "swirl": 40,
    "floor": 41,
    "hat": 42,
    "low": 45,
    "foot": 44,
    "open": 46,
    "mid": 47,
    "crash": 49,
    "high": 50,
    "ride": 51,
    "bell": 53,
    "tambourine": 54,
    "cymbal": 57,
    "shaker": 70,
    "conga": 63,
    "bongo": 60,
    "triangle": 81,
}
"""Keys of General MIDI's percussion map (MIDI Manufacturers Association, General MIDI 1, 1991)."""

Groove = tuple[dict[int, dict[str, str]], ...]
"""By busyness, then by beats of the bar: what each drum plays."""

GROOVES: Final[dict[str, Groove]] = {
    "rock": (
        {
            4: {"kick": "x.......x.......", "hat": "x...x...x...x..."},
            3: {"kick": "x...........", "hat": "x...x...x..."},
        },
        {
            4: {
                "kick": "x.......x.x.....",
                "snare": "....x.......x...",
                "hat": "x.o.x.o.x.o.x.o.",
            },
            3: {"kick": "x...........", "snare": "....x...x...", "hat": "x.o.x.o.x.o."},
        },
        {
            4: {
                "kick": "X..x..x.x.x.....",
                "snare": "....X..o.o..X...",
                "hat": "X.x.X.x.X.x.X.x.",
            },
            3: {"kick": "X.....x.....", "snare": "....X...X..o", "hat": "X.x.X.x.X.x."},
        },
        {
            4: {
                "kick": "X.x...x.X.x..x..",
                "snare": "....X..o.o..X..o",
                "ride": "X.x.X.x.X.x.X.x.",
                "open": "..............x.",
            },
            3: {"kick": "X.x...x...x.", "snare": "....X..oX..o", "ride": "X.x.X.x.X.x."},
        },
    ),
    "pop": (
        {
            4: {"kick": "x.......x.......", "shaker": "x.o.x.o.x.o.x.o."},
            3: {"kick": "x...........", "shaker": "x.o.x.o.x.o."},
        },
        {
            4: {
                "kick": "x.....x.x.......",
                "rim": "....x.......x...",
                "hat": "x.o.x.o.x.o.x.o.",
            },
            3: {"kick": "x.....x.....", "rim": "....x...x...", "hat": "x.o.x.o.x.o."},
        },
        {
            4: {
                "kick": "X.....x.x.....x.",
                "snare": "....X.......X...",
                "hat": "X.x.X.x.X.x.X.x.",
                "tambourine": "....x.......x...",
            },
            3: {"kick": "X.....x...x.", "snare": "....X...X...", "hat": "X.x.X.x.X.x."},
        },
        {
            4: {
                "kick": "X..x..x.X..x..x.",
                "snare": "....X..o....X..o",
                "clap": "....x.......x...",
                "hat": "X.xxX.xxX.xxX.x.",
                "open": "..............x.",
            },
            3: {"kick": "X..x..x...x.", "snare": "....X...X..o", "hat": "X.xxX.xxX.x."},
        },
    ),
    "house": (
        {
            4: {"kick": "x.......x.......", "hat": "..x...x...x...x."},
            3: {"kick": "x...........", "hat": "..x...x...x."},
        },
        {
            4: {"kick": "x...x...x...x...", "hat": "..x...x...x...x."},
            3: {"kick": "x...x...x...", "hat": "..x...x...x."},
        },
        {
            4: {
                "kick": "X...X...X...X...",
                "clap": "....X.......X...",
                "open": "..x...x...x...x.",
                "hat": "x.o.x.o.x.o.x.o.",
            },
            3: {"kick": "X...X...X...", "clap": "....X...X...", "open": "..x...x...x."},
        },
        {
            4: {
                "kick": "X...X...X...X.x.",
                "clap": "....X..o....X...",
                "open": "..X...X...X...X.",
                "hat": "xoxoxoxoxoxoxoxo",
                "conga": "...x..x....x..x.",
            },
            3: {"kick": "X...X...X...", "clap": "....X...X.o.", "hat": "xoxoxoxoxoxo"},
        },
    ),
    "breaks": (
        {
            4: {"kick": "x.........x.....", "hat": "x...x...x...x..."},
            3: {"kick": "x...........", "hat": "x...x...x..."},
        },
        {
            4: {
                "kick": "x.........x.....",
                "snare": "....x.......x...",
                "hat": "x.x.x.x.x.x.x.x.",
            },
            3: {"kick": "x.....x.....", "snare": "....x...x...", "hat": "x.x.x.x.x.x."},
        },
        {
            4: {
                "kick": "X.X.......XX....",
                "snare": "....X..o.o..X..o",
                "hat": "X.x.X.x.X.x.X.x.",
            },
            3: {"kick": "X.X...X.....", "snare": "....X..oX..o", "hat": "X.x.X.x.X.x."},
        },
        {
            4: {
                "kick": "X.X...o...XX..x.",
                "snare": "....X..o.o..X.oo",
                "hat": "XoxoXoxoXoxoXoxo",
                "open": "..........x.....",
            },
            3: {"kick": "X.X...X..X..", "snare": "....X..oX.oo", "hat": "XoxoXoxoXoxo"},
        },
    ),
    "lo-fi": (
        {
            4: {"kick": "x.........x.....", "rim": "............o..."},
            3: {"kick": "x...........", "rim": "........o..."},
        },
        {
            4: {
                "kick": "x......o..x.....",
                "snare": "....x.......x...",
                "hat": "o.o.o.o.o.o.o.o.",
            },
            3: {"kick": "x.....o.....", "snare": "........x...", "hat": "o.o.o.o.o.o."},
        },
        {
            4: {
                "kick": "x..o...x..x.....",
                "snare": "....x..o....x...",
                "hat": "x.o.x.ooo.x.x.o.",
            },
            3: {"kick": "x..o...x....", "snare": "....x...x...", "hat": "x.o.x.oox.o."},
        },
        {
            4: {
                "kick": "X..x...x..X..o..",
                "snare": "....X..o.o..X..o",
                "hat": "x.oox.o.x.oox.xo",
                "open": "......x.........",
            },
            3: {"kick": "X..x...x..x.", "snare": "....X..oX...", "hat": "x.oox.oox.o."},
        },
    ),
    "brushes": (
        {
            4: {"swirl": "o...o...o...o...", "foot": "....o.......o..."},
            3: {"swirl": "o...o...o...", "foot": "....o...o..."},
        },
        {
            4: {
                "swirl": "x...x.o.x...x.o.",
                "foot": "....x.......x...",
                "kick": "o.......o.......",
            },
            3: {"swirl": "x...x...x.o.", "foot": "....x...x...", "kick": "o..........."},
        },
        {
            4: {
                "ride": "x...x.x.x...x.x.",
                "foot": "....x.......x...",
                "snare": "....o.o.....o...",
                "kick": "x.......x.......",
            },
            3: {"ride": "x...x.x.x...", "foot": "....x...x...", "kick": "x..........."},
        },
        {
            4: {
                "ride": "X...x.x.X...x.x.",
                "foot": "....x.......x...",
                "snare": "..o.x..o..o.x.o.",
                "kick": "x.....o.x.......",
            },
            3: {"ride": "X...x.x.x.x.", "foot": "....x...x...", "snare": "....x..ox..."},
        },
    ),
    "folk": (
        {
            4: {"shaker": "x.o.x.o.x.o.x.o."},
            3: {"shaker": "x.o.x.o.x.o."},
        },
        {
            4: {"kick": "x.......x.......", "shaker": "x.o.x.o.x.o.x.o."},
            3: {"kick": "x...........", "tambourine": "....o...o..."},
        },
        {
            4: {
                "kick": "x...x...x...x...",
                "snare": "....x.......x...",
                "tambourine": "....x.......x...",
                "shaker": "x.oox.oox.oox.oo",
            },
            3: {"kick": "X...........", "tambourine": "....x...x...", "shaker": "x.oox.oox.oo"},
        },
        {
            4: {
                "kick": "X...x...X...x...",
                "snare": "....X.......X..o",
                "clap": "....x.......x...",
                "tambourine": "x.oox.oox.oox.oo",
                "shaker": "xoxoxoxoxoxoxoxo",
                "low": "..........x...x.",
            },
            3: {"kick": "X.......x...", "tambourine": "x.oox.oox.oo", "snare": "....X...X..."},
        },
    ),
    "taiko": (
        {
            4: {"kick": "x..............."},
            3: {"kick": "x..........."},
        },
        {
            4: {"kick": "X.......x.......", "floor": "..............o."},
            3: {"kick": "X...........", "floor": "........o.o."},
        },
        {
            4: {"kick": "X.....x.X.......", "floor": "...x..x....x..x.", "low": "............x.x."},
            3: {"kick": "X.......x...", "floor": "...x..x..x..", "low": "..........x."},
        },
        {
            4: {
                "kick": "X.....X.X.....X.",
                "floor": "x.xxx.x.x.xxx.xx",
                "low": "....X.......X...",
                "snare": "o.oox.ooo.oox.oo",
            },
            3: {"kick": "X.....X.....", "floor": "x.xxx.x.x.xx", "low": "....X...X..."},
        },
    ),
    "march": (
        {
            4: {"kick": "x.......x......."},
            3: {"kick": "x..........."},
        },
        {
            4: {"kick": "x.......x.......", "snare": "....o.......o.o."},
            3: {"kick": "x...........", "snare": "....o...o.o."},
        },
        {
            4: {"kick": "X.......X.......", "snare": "x.ooX.o.x.ooX.o."},
            3: {"kick": "X...........", "snare": "x.ooX.o.X.o."},
        },
        {
            4: {
                "kick": "X...x...X...x...",
                "snare": "X.ooX.ooX.ooXooo",
                "cymbal": "X...............",
            },
            3: {"kick": "X...........", "snare": "X.ooX.ooX.oo"},
        },
    ),
}
"""Grooves by name, each in four grades."""
