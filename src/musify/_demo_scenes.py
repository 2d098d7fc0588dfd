"""The four scenes of the demo, drawn with numpy.

Each is a thing that a network trained on photographs knows, so that the moods of the demo come out
as those of a real video do, and for the same reasons. What stays is drawn once, what moves in every
frame: a second of video takes less than a tenth of one to draw.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["HEIGHT", "SCENES", "WIDTH", "Scene"]

WIDTH: Final = 320
HEIGHT: Final = 180

Floats: TypeAlias = NDArray[np.floating]
Colour: TypeAlias = tuple[int, int, int]
Scene: TypeAlias = Callable[[Iterable[float]], Iterator[Floats]]
"""Draws a picture for each time in seconds: RGB, 0 to 255 and beyond, (HEIGHT, WIDTH, 3)."""

_Y, _X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)


def _over(picture: Floats, colour: Colour | Floats, opacity: Floats) -> Floats:
    """Lay a colour over a picture, by an opacity in [0, 1] for each pixel."""
    return picture + (np.asarray(colour, np.float32) - picture) * opacity[..., None]


def _gradient(*stops: tuple[float, Colour]) -> Floats:
    """Colours from top to bottom, between rows whose colours are given."""
    rows, colours = zip(*stops, strict=True)
    bands = [np.interp(_Y, rows, band) for band in zip(*colours, strict=True)]
    return np.stack(bands, axis=-1).astype(np.float32)


def _noise(seed: int, sizes: Sequence[int], width: int = WIDTH, height: int = HEIGHT) -> Floats:
    """Smooth noise in [0, 1] of several sizes, the finer the fainter; it repeats at its edges."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    total = np.zeros((height, width), np.float32)
    for octave, size in enumerate(sizes):
        grid = rng.random((-(-height // size), -(-width // size)), np.float32)
        grid = np.pad(grid, (0, 1), mode="wrap")
        top, left = (rows // size).astype(int), (columns // size).astype(int)
        down, right = rows / size - top, columns / size - left
        down, right = down * down * (3 - 2 * down), right * right * (3 - 2 * right)
        upper = grid[top, left] * (1 - right) + grid[top, left + 1] * right
        lower = grid[top + 1, left] * (1 - right) + grid[top + 1, left + 1] * right
        total += (upper * (1 - down) + lower * down) / 2**octave
    return total / np.float32(2 - 2 / 2 ** len(sizes))


def _shifted(picture: Floats, by: float, axis: int) -> Floats:
    """Move a picture that repeats, by parts of a pixel too."""
    whole = int(np.floor(by))
    near, far = np.roll(picture, whole, axis), np.roll(picture, whole + 1, axis)
    return near + (far - near) * np.float32(by - whole)


def _fence_in_rain(times: Iterable[float]) -> Iterator[Floats]:
    """Draw what is sad: a chain-link fence, a bleak yard behind it, and rain."""
    mesh, murk = 30, _noise(1, (64, 32, 16))
    yard = _gradient((0, (120, 126, 132)), (105, (168, 172, 174)), (180, (84, 86, 84)))
    roofs = 96 - 22 * _noise(7, (40, 20))[:1].round(1)
    yard = _over(yard, (112, 116, 120), np.clip((_Y - roofs) / 3, 0, 1) * (_Y < 116))
    yard *= (0.6 + 0.3 * murk)[..., None]
    for slope in (-1, 1):
        along = (_X + slope * _Y) / mesh
        off = np.abs(along - np.round(along)) * mesh / np.float32(np.sqrt(2))
        yard = _over(yard, (52, 55, 58), np.clip(2.0 - off, 0, 1))
        yard = _over(yard, (158, 162, 164), np.clip(0.9 - off, 0, 1))
    drops = np.random.default_rng(3).random((HEIGHT, WIDTH), np.float32) > 0.997
    rain = np.sum([np.roll(drops, step, 0) * np.float32(32 - 1.6 * step) for step in range(12)], 0)
    for time in times:
        yield yard + _shifted(rain, 170 * time, 0)[..., None]


def _balloons(times: Iterable[float]) -> Iterator[Floats]:
    """Draw what is happy: hot-air balloons in a bright sky over green hills."""
    sky = _gradient((0, (0, 60, 195)), (145, (75, 172, 252)))
    clouds = np.clip((_noise(4, (40, 20, 10, 5)) - 0.58) * 4, 0, 0.9)
    clouds *= np.clip((135 - _Y) / 60, 0, 1)
    far, middle, near = (
        np.clip(_Y - base - 8 * np.sin(_X / width + base), 0, 1)
        for base, width in ((142, 55), (153, 35), (167, 80))
    )
    land = _over(_gradient((0, (116, 180, 84))), (92, 196, 58), middle)
    land, hills = _over(land, (70, 170, 42), near), np.maximum(far, np.maximum(middle, near))
    balloons: tuple[tuple[int, int, int, Colour, Colour], ...] = (
        (235, 50, 17, (255, 215, 0), (250, 110, 0)),
        (70, 95, 13, (40, 80, 225), (255, 255, 255)),
        (145, 72, 42, (238, 28, 40), (255, 215, 0)),
    )
    for time in times:
        picture = _over(sky, (255, 255, 255), _shifted(clouds, 6 * time, 1))
        picture = _over(picture, land, hills)
        for x, y, radius, *colours in balloons:
            sway, bob = 7 * np.sin(0.7 * time + x), 4 * np.sin(1.1 * time + y)
            _balloon(picture, x + sway, y + bob, radius, colours)
        yield picture


def _balloon(picture: Floats, x: float, y: float, radius: float, colours: Sequence[Colour]) -> None:
    left, right = int(x - radius - 1), int(x + radius + 2)
    area = np.s_[int(y - radius - 1) : int(y + 1.8 * radius), left:right]
    across, down = (_X[area] - x) / radius, (_Y[area] - y) / radius
    round_, cone = np.sqrt(np.clip(1 - down**2, 0, 1)), np.cos(1.05 * np.clip(down, 0, 1.25))
    half = np.where(down < 0, round_, cone) * (down < 1.25)
    gore = np.arcsin(np.clip(across / np.maximum(half, 0.01), -1, 1)) * 8 / np.pi
    stripes = (np.floor(gore + 0.5) % 2)[..., None]
    silk = np.where(stripes > 0, *np.asarray(colours, np.float32))
    # Lit from the upper left.
    silk *= np.clip(1.05 - 0.35 * (across + 0.4) ** 2 - 0.15 * down, 0.4, 1.1)[..., None]
    shape = np.clip((half - np.abs(across)) * radius + 0.5, 0, 1) * (half > 0)
    basket = (np.abs(across) < 0.16) & (down > 1.5) & (down < 1.75)
    rope = np.abs(np.abs(across) - 0.16 - 0.45 * (1.5 - down)) < 0.6 / radius
    rope &= (down > 1.2) & (down < 1.5)
    drawn = _over(picture[area], silk, shape)
    drawn = _over(drawn, (110, 70, 35), basket.astype(np.float32))
    picture[area] = _over(drawn, (60, 50, 40), rope.astype(np.float32))


def _volcano(times: Iterable[float]) -> Iterator[Floats]:
    """Draw action: a volcano that erupts at night; fire, sparks and smoke are fast."""
    middle, top = 160, 84
    rng = np.random.default_rng(5)
    above, below = np.clip(top - _Y, 0, None), np.clip(_Y - top, 0, None)
    from_middle, distance = np.abs(_X - middle), np.hypot(_X - middle, _Y - top)
    sky = _gradient((0, (14, 11, 32)), (100, (60, 20, 30)), (180, (90, 30, 20)))
    slope = top + np.clip(from_middle - 12, 0, None) ** 0.9 * 0.95 + 2 * np.sin(_X / 5)
    mountain = np.clip(_Y - slope, 0, 1)
    rock = np.array([30, 20, 24], np.float32) * (0.5 + 1.2 * _noise(5, (32, 16, 8, 4)))[..., None]
    rock += np.array([120, 30, 5], np.float32) * np.exp(-distance / 45)[..., None]
    glow = np.exp(-distance / 40) * (1 - 0.7 * mountain)
    lava = np.zeros_like(sky[..., 0])
    for bend, lean in enumerate((-0.55, 0.15, 0.75, -0.1)):
        off = np.abs(_X - middle - lean * below - 4 * np.sin(_Y / 9 + 2 * bend))
        lava = np.maximum(lava, np.clip(2.2 + 0.02 * below - off, 0, 1))
    lava *= mountain * np.clip(1.3 - below / 90, 0, 1)
    smoke = _noise(6, (36, 18, 9))
    plume = np.exp(-(((_X - middle - 0.15 * above) / (10 + 0.55 * above)) ** 2)) * (above > 0)
    jet = np.exp(-(((_X - middle) / (4 + 0.12 * above)) ** 2)) * np.clip(1.3 - above / 46, 0, 1)
    jet *= below < 2
    count = 420
    born, pace = rng.random(count), 0.6 + 0.6 * rng.random(count)
    aside, up = rng.normal(0, 34, count), 80 + 70 * rng.random(count)
    for time in times:
        flicker = np.float32(0.85 + 0.1 * np.sin(31 * time) + 0.05 * np.sin(53 * time))
        billows = plume * np.clip(1.6 * _shifted(smoke, -90 * time, 0) - 0.3, 0, 0.85)
        picture = _over(sky, (150, 84, 62), billows)
        picture = _over(picture, (255, 110, 20), glow * flicker)
        picture = _over(picture, rock, mountain)
        flow = np.sin(_Y[:, :1] / 4 - 12 * time)
        picture = _over(picture, (255, 140, 30), lava * (0.8 + 0.2 * flow))
        age = (born + time * pace) % 1
        flight = 1.7 * age
        x = (middle + aside * flight).astype(int)
        y = (top - up * flight + 62 * flight**2).astype(int)
        seen = (x >= 0) & (x < WIDTH - 1) & (y >= 0) & (y < HEIGHT - 1)
        x, y, age = x[seen], y[seen], age[seen]
        spark = np.stack([np.full(len(age), 255), 230 - 170 * age, 120 - 120 * age], -1)
        for right, down in ((0, 0), (0, 1), (1, 0), (1, 1)):
            picture[y + down, x + right] = spark
        yield _over(picture, (255, 210, 90), jet * flicker)


def _sea(times: Iterable[float]) -> Iterator[Floats]:
    """Draw what is calm: a beach, slow waves, and a low sun."""
    horizon, sun, shore = 92, 215, 150
    picture = _gradient(
        (0, (70, 130, 200)), (60, (170, 205, 230)), (horizon, (255, 225, 180)),
        (horizon + 1, (80, 140, 175)), (140, (40, 130, 160)), (shore, (120, 190, 190)),
    )  # fmt: skip
    from_sun = np.hypot(_X - sun, _Y - horizon + 30)
    air = horizon > _Y
    picture = _over(picture, (255, 232, 185), 0.8 * np.exp(-from_sun / 60) * air)
    picture = _over(picture, (255, 250, 225), np.clip((10 - from_sun) / 2 + 0.5, 0, 1) * air)
    cape = 18 * np.exp(-(((_X - 30) / 70) ** 2)) * (1 + 0.15 * np.sin(_X / 7))
    picture = _over(picture, (75, 95, 110), np.clip(_Y - horizon + cape, 0, 1) * air * (_X < 150))
    sand = _gradient((140, (190, 165, 125)), (180, (235, 212, 165)))
    sand *= (0.93 + 0.14 * _noise(2, (4, 2, 1)))[..., None]
    # Perspective: waves are as many times closer together as they are further away.
    x, y, beach = _X[horizon + 1 :], _Y[horizon + 1 :], sand[horizon + 1 :]
    near = y - horizon
    away = 120 / near
    height = 14 * np.clip(near / 20, 0.2, 1) * np.clip((145 - y) / 20, 0, 1)
    path = 0.8 * np.exp(-(((x - sun) / (4 + near / 2)) ** 2))
    still = picture[horizon + 1 :].copy()
    for time in times:
        bent = 1.5 * np.sin(away * x / 150 + 0.3 * time)
        swell = np.sin(22 * away + 0.0006 * x * near + 1.2 * time + bent)
        swell *= np.sin(2.4 * x / near + 5 * away - 0.7 * time)
        water = still + (height * swell)[..., None]
        water = _over(water, (255, 235, 190), path * np.clip(swell + 0.2, 0, 1))
        edge = shore + 4 * np.sin(0.8 * time) + 5 * np.sin(x[:1] / 45 + 0.3 * time)
        edge += 3 * np.sin(x[:1] / 17)
        water = _over(water, beach, np.clip((y - edge) / 2, 0, 1))
        foam = 0.9 * np.exp(-(((y - edge) / 2.5) ** 2))
        picture[horizon + 1 :] = _over(water, (255, 255, 255), foam)
        yield picture


SCENES: Final[tuple[Scene, ...]] = (_fence_in_rain, _balloons, _volcano, _sea)
"""Sad, happy, action and calm."""
