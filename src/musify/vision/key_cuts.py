"""Cuts found without decoding the film: from key frames, and the sizes and places of packets.

An encoder that leaves the choice to itself puts a key frame on a cut; one that does not spends as
many bytes on the first frame of the new shot as on a key frame. Either is a reason to look, at the
key frames on both sides and, where a film is looked at thoroughly, at the frames between them.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._packets import Packets
from musify.cancelling import checkpoint
from musify.progress import ProgressCallback, tell
from musify.video import VideoInfo
from musify.vision.cuts import Cut, CutFinder, strength_of, thinned
from musify.vision.differences import Bytes, Floats, luma, moved_difference
from musify.vision.frames import EARLY, all_but_first_keys
from musify.vision.packet_runs import Run, decode_runs, selected
from musify.vision.small_frames import CHEAP, placed

__all__ = ["cuts_from_keys", "enough_keys", "key_pictures"]

# Seconds between the key frames that are looked at, at least; thoroughly or not.
_THOROUGH_STEP: Final = 0.4
_STEP: Final = 2.5
_MOST: Final = 0.8

# Chosen on the half "tune" of benchmarks/shots.py.
_DIFFER: Final = 14.0  # of key frames, as in CutFinder, but with room for more motion
_REACH: Final = 4
# A packet tells of a cut if it is so many times the upper quartile of its neighbours (peaks: the
# largest of them), and such a share of the key frame before it: to look there, to look there if
# pictures differ, and to believe it without looking.
_JUMP: Final = (7.0, 0.2)
_PEAK: Final = (1.8, 0.5)
_SLIGHT_PEAK: Final = (1.25, 0.4)
_SURE_JUMP: Final = (12.0, 0.35)
_LEAST_JUMP: Final = 4.0
_NEIGHBOURS: Final = 12
# Bidirectional frames come after the frame that they are before.
_AFTER_JUMP: Final = 8
_FLASH_SECONDS: Final = 0.34
_FLASH_JUMP: Final = 1.5
_RETURNS: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """The packets from one key frame to the next that is looked at.

    ``first`` and ``end`` are places in the order of the file, ``key`` and ``next_key`` times.
    """

    first: int
    end: int
    key: float
    next_key: float
    picture: Bytes
    differ: float
    irregular: bool
    jumps: NDArray[np.int64]
    slight: bool


def key_pictures(
    video: VideoInfo,
    packets: Packets,
    seen: dict[float, Bytes],
    *,
    thorough: bool,
    on_progress: ProgressCallback | None = None,
) -> dict[float, Bytes]:
    """Get very small pictures of key frames, at least of those that are not there yet.

    Parameters
    ----------
    video : VideoInfo
        The film.
    packets : Packets
        Of the film.
    seen : dict of float to ndarray of uint8, shape (18, 32, 3)
        Pictures that are there, by their times. Without ``thorough`` nothing is decoded if there
        are any.
    thorough : bool
        Whether to get all key frames but those very close to each other.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"shots"``.

    Returns
    -------
    dict of float to ndarray
        By time, ascending.
    """
    step = _THOROUGH_STEP if thorough else _STEP
    found = dict(seen)
    if thorough or not seen:
        drop = all_but_first_keys(video, step)
        # Key frames of open groups may come out of order when they are alone.
        for times, images in selected(video, drop, CHEAP, in_order=False):
            found.update(zip(times.tolist(), images, strict=True))
            tell(on_progress, "shots", float(times[-1]), video.duration)
    return dict(sorted(found.items()))


def enough_keys(video: VideoInfo, packets: Packets, pictures: dict[float, Bytes]) -> bool:
    """Whether most key frames could be decoded alone; in HEVC with open groups they cannot."""
    keys = packets.starts[packets.is_key] - video.start_time
    wanted = len(np.unique(np.floor((keys + EARLY) / _THOROUGH_STEP)))
    return len(pictures) >= _MOST * wanted


def cuts_from_keys(
    video: VideoInfo,
    packets: Packets,
    pictures: dict[float, Bytes],
    *,
    thorough: bool,
    on_progress: ProgressCallback | None = None,
) -> list[Cut]:
    """Find cuts.

    Parameters
    ----------
    video : VideoInfo
        The film.
    packets : Packets
        Of the film.
    pictures : dict of float to ndarray of uint8, shape (18, 32, 3)
        Very small frames by their times, ascending.
    thorough : bool
        Whether to decode what is between two pictures where that may hold a cut.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"shots"``.

    Returns
    -------
    list of Cut
        In order.
    """
    times = np.maximum(0.0, packets.starts - video.start_time)
    if not thorough:
        return _likely_cuts(times, packets, pictures)
    groups = _groups(times, packets, pictures)
    runs = _runs(groups, times)
    frames = {}
    for run, got in decode_runs(video, packets, runs):
        frames[run] = got
        tell(on_progress, "shots", run.start, video.duration)
    shown = np.sort(times)
    cuts: list[Cut] = []
    before = {late.key: early for early, late in itertools.pairwise(groups)}
    for run, (seen, images) in frames.items():
        finder = CutFinder()
        finder.add(seen, images)
        earlier = before.get(run.start)
        for cut in finder.finish():
            after = images[int(np.searchsorted(seen, cut.time - EARLY))]
            # A run may begin with a flash, of which only the end is in it.
            if (
                earlier is None
                or cut.time - run.start > _FLASH_SECONDS
                or _difference(earlier.picture, after) >= _RETURNS * earlier.differ
            ):
                cuts.append(placed(cut, seen, shown))
    decoded = [(run.start, run.stop) for run in frames]
    for group, following in itertools.zip_longest(groups, groups[1:]):
        inside = any(start < group.next_key - EARLY <= stop for start, stop in decoded)
        if group.differ < _DIFFER or not group.irregular or inside:
            continue  # nothing, or found above
        if following is not None and not _is_flash(group, following, frames):
            # There may have been a cut before, after which nothing changed any more.
            latest = _latest(group, frames)
            differ = group.differ if latest is None else _difference(latest, following.picture)
            if differ >= _DIFFER:
                time = group.next_key
                cuts.append(Cut(time, "cut", strength_of(differ), time, time))
    return thinned(sorted(cuts, key=lambda cut: cut.time))


def _jump_sizes(packets: Packets) -> tuple[Floats, Floats, Floats]:
    """How large each packet is: over its neighbours' upper quartile, their largest, and its key."""
    sizes = packets.sizes.astype(np.float64)
    plain = np.where(packets.is_key, np.nan, sizes)
    padded = np.pad(plain, _NEIGHBOURS, constant_values=np.nan)
    over, most = np.zeros(len(sizes)), np.zeros(len(sizes))
    for start in range(0, len(sizes), 8192):
        part = padded[start : start + 8192 + 2 * _NEIGHBOURS]
        windows = np.lib.stride_tricks.sliding_window_view(part, 2 * _NEIGHBOURS + 1).copy()
        windows[:, _NEIGHBOURS] = np.nan
        ranked = np.sort(windows, axis=1)  # NaN comes last
        counts = np.isfinite(ranked).sum(axis=1)
        upper = ranked[np.arange(len(ranked)), np.maximum(0, (counts * 3) // 4 - 1)]
        largest = ranked[np.arange(len(ranked)), np.maximum(0, counts - 1)]
        over[start : start + len(ranked)] = np.where(counts > 2, upper, np.inf)
        most[start : start + len(ranked)] = np.where(counts > 2, largest, np.inf)
    places = np.maximum.accumulate(np.where(packets.is_key, np.arange(len(sizes)), 0))
    jumps = np.where(packets.is_key, 0.0, sizes / np.maximum(1.0, over))
    peaks = np.where(packets.is_key, 0.0, sizes / np.maximum(1.0, most))
    return jumps, peaks, sizes / np.maximum(1.0, sizes[places])


def _is_regular(keys: Floats) -> NDArray[np.bool_]:
    """Which key frames stand where they would stand without a cut."""
    gaps = np.diff(keys, prepend=keys[0] if len(keys) else 0.0)
    if len(keys) < 2:
        return np.ones(len(keys), np.bool_)
    longest = float(gaps.max())
    rounded = np.round(gaps[1:], 2)
    values, counts = np.unique(rounded, return_counts=True)
    usual = values[counts >= max(3, 0.3 * len(rounded))]
    regular = gaps >= 0.98 * longest
    for gap in usual:
        regular |= np.abs(gaps - gap) <= 0.02
    # Some encoders put them on a grid of that length, whatever comes between.
    grid = np.abs(keys / longest - np.round(keys / longest)) * longest <= 0.05
    marks: NDArray[np.bool_] = regular | (grid & (keys > 0))
    return marks


def _difference(one: Bytes, other: Bytes) -> float:
    checkpoint()
    pair = luma(np.stack([one, other]))
    return float(moved_difference(pair[:1], pair[1:], _REACH)[0])


def _groups(times: Floats, packets: Packets, pictures: dict[float, Bytes]) -> list[_Group]:
    jumps, peaks, shares = _jump_sizes(packets)
    jump = (jumps >= _JUMP[0]) & (shares >= _JUMP[1])
    jumping = np.flatnonzero(jump | ((peaks >= _PEAK[0]) & (shares >= _PEAK[1])))
    slight = (peaks >= _SLIGHT_PEAK[0]) & (shares >= _SLIGHT_PEAK[1])
    keys = np.flatnonzero(packets.is_key)
    keys = keys[np.argsort(times[keys], kind="stable")]
    key_times = times[keys]
    chosen: list[tuple[int, float, Bytes]] = []
    for time, image in pictures.items():
        at = int(np.searchsorted(key_times, time - EARLY))
        if at < len(keys) and abs(key_times[at] - time) <= EARLY:
            chosen.append((int(keys[at]), time, image))
    regular = _is_regular(np.array([time for _, time, _ in chosen]))
    groups = []
    for number, (place, time, image) in enumerate(chosen):
        last = number + 1 == len(chosen)
        end = len(times) if last else max(chosen[number + 1][0], place + 1)
        groups.append(
            _Group(
                first=place,
                end=end,
                key=time,
                next_key=float("inf") if last else chosen[number + 1][1],
                picture=image,
                differ=0.0 if last else _difference(image, chosen[number + 1][2]),
                irregular=not last and not regular[number + 1],
                jumps=jumping[(jumping > place) & (jumping < end)],
                slight=bool(slight[place + 1 : end].any()),
            )
        )
    return groups


def _runs(groups: list[_Group], times: Floats) -> list[Run]:
    """Choose what to decode: from a key frame to the last sign of a cut, or to the next key."""
    runs: list[Run] = []
    for group in groups:
        # A regular key frame tells nothing of where a cut is, nor does one after a slight sign.
        doubtful = not len(group.jumps) and (not group.irregular or group.slight)
        if group.differ >= _DIFFER and doubtful and group.end < len(times):
            end, stop = group.end + 1, group.next_key
        elif len(group.jumps):
            end = min(int(group.jumps[-1]) + _AFTER_JUMP, group.end)
            stop = min(float(times[group.first : end].max()), group.next_key - EARLY)
        else:
            continue
        if runs and runs[-1].end > group.first:
            runs[-1] = Run(runs[-1].first, end, runs[-1].start, stop)
        else:
            runs.append(Run(group.first, end, group.key, stop))
    return runs


def _latest(group: _Group, frames: dict[Run, tuple[Floats, Bytes]]) -> Bytes | None:
    """Return the last picture of a group that was decoded, if any was."""
    for run, (seen, images) in frames.items():
        if run.start <= group.next_key and run.stop >= group.key:
            inside = np.flatnonzero((seen >= group.key) & (seen < group.next_key - EARLY))
            if len(inside):
                last: Bytes = images[int(inside[-1])]
                return last
    return None


def _is_flash(group: _Group, following: _Group, frames: dict[Run, tuple[Floats, Bytes]]) -> bool:
    """Whether the picture before a key frame is back within a third of a second."""
    for run, (seen, images) in frames.items():
        if run.start <= following.key < run.stop:
            after = (seen > following.key) & (seen <= following.key + _FLASH_SECONDS)
            return any(
                _difference(group.picture, image) < _RETURNS * group.differ
                for image in images[after]
            )
    return False


def _likely_cuts(times: Floats, packets: Packets, pictures: dict[float, Bytes]) -> list[Cut]:
    """Guess cuts: from pictures that differ, at the likeliest place between them."""
    jumps, _, shares = _jump_sizes(packets)
    sure = np.flatnonzero((jumps >= _SURE_JUMP[0]) & (shares >= _SURE_JUMP[1]))
    keys = np.sort(times[packets.is_key])
    irregular = keys[~_is_regular(keys)]
    leaps = np.sort(times[sure])
    # A flash: what follows its key frame at once is another picture.
    flashes = [key for key in irregular if ((leaps > key) & (leaps <= key + _FLASH_SECONDS)).any()]
    irregular = np.setdiff1d(irregular, flashes)
    leaps = np.array(
        [leap for leap in leaps if not any(0 < leap - key <= _FLASH_SECONDS for key in flashes)]
    )
    cuts = []
    shown = list(pictures)
    order = np.argsort(times, kind="stable")
    sorted_times, likely = times[order], np.where(shares >= _JUMP[1], jumps, 0.0)[order]
    for early, late in itertools.pairwise(shown):
        differ = _difference(pictures[early], pictures[late])
        if differ < _DIFFER:
            continue
        for marks in (irregular, leaps):
            inside = marks[(marks > early + EARLY) & (marks <= late + EARLY)]
            if len(inside):
                cuts += [
                    Cut(float(time), "cut", strength_of(differ), float(time), float(time))
                    for time in inside
                ]
                break
        else:
            # The likeliest packet, if any is likely at all.
            low, high = np.searchsorted(sorted_times, [early + EARLY, late + EARLY])
            best = low + int(np.argmax(likely[low:high])) if high > low else low
            if high > low and likely[best] >= _LEAST_JUMP:
                time = float(sorted_times[best])
                cuts.append(Cut(time, "cut", strength_of(differ), time, time))
    return thinned(cuts)
