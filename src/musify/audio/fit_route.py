"""Choosing the joints of a fit, and turning them into pieces that last exactly as long."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.fit_edit import MOST_SPEED_CHANGE, Made, Piece, stretched
from musify.audio.fit_features import HOP_SECONDS, SongSound
from musify.audio.fit_path import BarPaths, PathRules, bar_paths
from musify.audio.fit_wishes import Wishes, edge_costs, node_costs, speed_points
from musify.audio.joint_lags import sharpen
from musify.audio.joints import Joints
from musify.songs import SongAnalysis

__all__ = ["KEPT_SECONDS", "planned"]

KEPT_SECONDS: Final = 3.2
"""What stays untouched at the beginning and at the ending."""

_SECONDS_PER_JOINT: Final = 40.0
_FIRST_PRICE: Final = 0.3
_TRIES: Final = 8
# 36 ms around 12 ms before the beat: what begins on the beat comes whole from the incoming side.
_CROSSFADE: Final = 0.036
_CENTRE: Final = -0.012
_LOOSE_CROSSFADE: Final = 0.4
_FINE_LAG: Final = 0.0015
_MOST_GAIN_DB: Final = 3.0
_LEAST_GAIN_DB: Final = 0.3
_GAIN_BEATS: Final = 6
_REST_BEATS: Final = 8
_LOOSE_REST_SECONDS: Final = 4.0
# The end of an ending that has sunk this far under the song may be cut off, with a fade.
_QUIET_DB: Final = -50.0
_CUT_FADE_SECONDS: Final = 0.3

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Route:
    joints: list[int]
    cost: float
    residue: int  # PCM frames that are missing, or too many when negative


def planned(
    sound: SongSound,
    analysis: SongAnalysis,
    joints: Joints,
    song: int,
    frames: int,
    wishes: Wishes,
) -> Made | None:
    """Fit a song to a number of PCM frames with joints from a list.

    Parameters
    ----------
    sound, analysis, joints
        The song.
    song : int
        Frames of it that count: silence after its ending may not.
    frames : int
        Frames of the result.
    wishes : Wishes
        What it should meet.

    Returns
    -------
    Made or None
        None if no path through the song comes near the length.
    """
    return _Planner(sound, analysis, joints, song, frames, wishes).made()


class _Planner:
    def __init__(
        self,
        sound: SongSound,
        analysis: SongAnalysis,
        joints: Joints,
        song: int,
        frames: int,
        wishes: Wishes,
    ) -> None:
        self.sound, self.analysis, self.joints, self.wishes = sound, analysis, joints, wishes
        self.song, self.frames, self.rate = song, frames, sound.sample_rate
        self.grid = joints.grid
        self.length = frames / self.rate
        own = song / self.rate
        self.kept = min(KEPT_SECONDS, 0.3 * own, 0.45 * self.length)
        times = self.grid.times
        self.gain = (times[joints.out] - times[joints.into] - joints.lag) if len(joints) else None
        self.bar = self.grid.bar_seconds if len(times) > 1 else 1.0
        self.quiet = self._quiet_frames()

    def made(self) -> Made | None:
        route = self._route()
        if route is None:
            return None
        pieces = self._pieces(route)
        return self._exact(pieces)

    # Which joints

    def _route(self) -> _Route | None:
        wanted = self.frames / self.rate - self.song / self.rate
        least = _Route([], 0.0, self.frames - self.song)
        if self.gain is None or self.grid.bars < 3:
            return least if self._fits(least) else None
        usable = self.gain[self.joints.out > self.joints.into]
        longest = float(usable.max()) if len(usable) else 1.0
        budget = max(
            1,
            math.ceil(abs(wanted) / _SECONDS_PER_JOINT),
            math.ceil(wanted / (0.7 * longest)) if wanted > 0 else 0,
        )
        middle = self.grid.bars + wanted / self.bar
        reach = 2 if self.grid.felt else 1
        counts = range(max(1, math.floor(middle) - reach), math.ceil(middle) + reach + 1)
        fewest: _Route | None = None
        price = _FIRST_PRICE
        for _ in range(_TRIES):
            paths = self._paths(counts[-1], price)
            routes = list(self._routes(paths, counts))
            allowed = [route for route in routes if len(route.joints) <= budget]
            if allowed:
                return min(allowed, key=lambda route: route.cost)
            for route in routes:
                if fewest is None or len(route.joints) < len(fewest.joints):
                    fewest = route
            price *= 2
        return fewest

    def _paths(self, count: int, price: float) -> BarPaths:
        per_bar = self.grid.per_bar
        rest = math.ceil(_REST_BEATS / per_bar)
        if not self.grid.felt:
            rest = math.ceil(_LOOSE_REST_SECONDS / self.bar)
        if self.length < 20:
            rest = max(1, rest // 4) if self.grid.felt else max(2, rest // 4)
        return bar_paths(
            self.joints,
            PathRules(
                count=count,
                earliest=self.kept,
                latest=self.song / self.rate - self.kept,
                joint_price=price,
                rest=rest,
                to_end=self.wishes.ending,
                node_costs=node_costs(self.grid, self.analysis, self.wishes, count, self.length),
                edge_costs=edge_costs(self.joints, self.analysis, self.length),
            ),
        )

    def _routes(self, paths: BarPaths, counts: range) -> Iterator[_Route]:
        assert self.gain is not None
        costs = paths.costs()
        for count in counts:
            if count < 1 or costs[count - 1] > 1e8:
                continue
            chosen = paths.joints_of(count)
            played = self.song + round(float(self.gain[chosen].sum()) * self.rate)
            route = _Route(chosen, float(costs[count - 1]), self.frames - played)
            if self._fits(route):
                yield replace(route, cost=route.cost + self._residue_cost(route))

    def _fits(self, route: _Route) -> bool:
        """Whether what is left over can be hidden at all."""
        if not self.wishes.ending:
            return route.residue <= 0
        return abs(route.residue) <= max(self.rate, 1.05 * self.bar * self.rate)

    def _capacity(self) -> float:
        """PCM frames that the speed can make up for."""
        return MOST_SPEED_CHANGE * max(0.0, self.frames - 2 * self.kept * self.rate) * 0.98

    def _residue_cost(self, route: _Route) -> float:
        if not self.wishes.ending:
            return -0.001 * route.residue / self.rate
        if not self.grid.felt and route.joints:
            return 0.02 * abs(route.residue) / self.rate
        size, capacity = abs(route.residue), self._capacity()
        if size <= capacity:
            return 0.3 * size / max(capacity, 1)
        excess = size - capacity
        cost = 0.6 + 0.8 * excess / self.rate / self.bar
        if route.residue < 0 and excess > self.quiet:
            cost += 1 + 5 * (excess - self.quiet) / self.rate
        return cost

    def _quiet_frames(self) -> int:
        """How much of the ending has sunk so far that nobody misses it."""
        loud = self.sound.loudness[: math.ceil(self.song / self.rate / HOP_SECONDS)]
        heard = np.flatnonzero(loud > loud.max() + _QUIET_DB)
        return max(0, self.song - round(float(heard[-1] + 1) * HOP_SECONDS * self.rate))

    # From joints to pieces

    def _pieces(self, route: _Route) -> list[Piece]:
        rate, times = self.rate, self.grid.times
        overlap = round((_CROSSFADE if self.grid.felt else _LOOSE_CROSSFADE) * rate)
        centre = round(_CENTRE * rate) if self.grid.felt else 0
        after = centre + overlap // 2
        residue = route.residue
        start, pieces = 0, []
        joint = Piece(0, 1)
        for index in route.joints:
            leave = round(times[self.joints.out[index]] * rate)
            enter = round((times[self.joints.into[index]] + self.joints.lag[index]) * rate)
            most = round(_FINE_LAG * rate)
            if not self.grid.felt and index == route.joints[0]:
                # Without beats, one joint takes all that is left over but what the speed can.
                enter -= residue
                most = int(min(0.03 * rate, self._capacity() / 2))
                enter = min(max(enter, overlap + most), self.song - round(self.kept * rate))
            enter = sharpen(self.sound, leave, enter, most)
            pieces.append(replace(joint, start=start, end=leave + after))
            start = enter + after - overlap
            joint = Piece(
                start,
                start + 1,
                overlap=overlap,
                gain_db=self._step(leave, enter),
                cost=float(self.joints.cost[index]),
            )
        pieces.append(replace(joint, start=start, end=self.song))
        return [self._with_slope(piece, piece is pieces[-1]) for piece in pieces]

    def _step(self, leave: int, enter: int) -> float:
        """Gain that brings the incoming side to the level the outgoing would have gone on at."""
        span = max(0.4, self.bar / self.grid.per_bar)
        own, other = (
            self._level(frame / self.rate, frame / self.rate + span) for frame in (leave, enter)
        )
        gain = float(np.clip(own - other, -_MOST_GAIN_DB, _MOST_GAIN_DB))
        return gain if abs(gain) >= _LEAST_GAIN_DB else 0.0

    def _level(self, start: float, end: float) -> float:
        part = self.sound.loudness[round(start / HOP_SECONDS) : round(end / HOP_SECONDS)]
        if not len(part):
            return -90.0
        return float(10 * np.log10(np.mean(10 ** (part / 10)) + 1e-9))

    def _with_slope(self, piece: Piece, last: bool) -> Piece:
        if not piece.gain_db:
            return piece
        beat = self.bar / self.grid.per_bar
        wanted = round(max(2.0, _GAIN_BEATS * beat) * self.rate)
        room = piece.frames - (round(self.kept * self.rate) if last else piece.overlap)
        return replace(piece, gain_frames=max(piece.overlap, min(wanted, room)))

    # To the PCM frame

    def _exact(self, pieces: list[Piece]) -> Made:
        how = "whole" if len(pieces) == 1 else "beats" if self.grid.felt else "free"
        played = sum(piece.frames - piece.overlap for piece in pieces)
        if not self.wishes.ending:
            pieces[-1] = replace(pieces[-1], end=pieces[-1].end - (played - self.frames))
            return Made(pieces, how)
        first = round(self.kept * self.rate)
        last = played - round(self.kept * self.rate)
        residue = self.frames - played
        capacity = int(self._capacity())
        by_speed = max(-capacity, min(capacity, residue))
        if last - first > self.rate // 2 and (by_speed or self.wishes.hits):
            hits = [round(hit * self.rate) for hit in self.wishes.hits]
            points = speed_points(first, last, by_speed, hits, self._heard_beats(pieces))
            pieces = stretched(pieces, points)
            played = sum(piece.frames - piece.overlap for piece in pieces)
        left = self.frames - played
        fade = 0
        if left < 0:  # the very end has to go
            pieces[-1] = replace(pieces[-1], end=pieces[-1].end + left, length=0)
            fade = min(round(_CUT_FADE_SECONDS * self.rate), self.frames // 4)
        return Made(pieces, how, fade_out=fade)

    def _heard_beats(self, pieces: list[Piece]) -> tuple[Floats, ...]:
        """Where downbeats and beats come in the result, in PCM frames at their own speed."""
        if not self.grid.felt:
            return ()
        found: list[list[float]] = [[], []]
        position = 0
        for piece in pieces:
            begin = position - piece.overlap
            for kind, times in enumerate((self.grid.bar_times(), self.grid.times)):
                places = times * self.rate
                # A beat inside a crossfade belongs to the incoming side.
                inside = places[(places >= piece.start) & (places < piece.end - piece.overlap)]
                found[kind] += (inside - piece.start + begin).tolist()
            position = begin + piece.frames
        return tuple(np.array(sorted(places)) for places in found)
