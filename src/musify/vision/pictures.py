"""Reading picture files, thousands of them, through ffmpeg.

One process a picture would cost 60 to 100 ms. Many pictures share one instead, each as an input and
an output of its own, so that a broken one can neither stop the others for good nor be taken for
another: about 6 ms a picture of 640x480.
"""

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify import _ffmpeg
from musify._checks import whole_number
from musify._ffmpeg import StrPath
from musify.cancelling import in_this_context
from musify.errors import FFmpegError, ParameterError
from musify.notices import notify
from musify.vision.picture_files import ENDINGS, PictureKind, look_at_file, turned

__all__ = ["LONGEST_SIDE", "Picture", "find_pictures", "is_ours", "read_pictures"]

Picture: TypeAlias = tuple[Path, NDArray[np.uint8]]

LONGEST_SIDE: Final = 320
"""Pixels that the longest side is scaled down to by default: as the samplers of video do."""

# A process holds so many pictures at once at most, and so many bytes of files: sixteen of a
# camera, decoded side by side, would take a gigabyte.
_MOST_TOGETHER: Final = 16
_MOST_BYTES: Final = 6_000_000
_WORKERS: Final = 2
# Larger ones are refused: a file of a few kilobytes can claim to be a picture of many gigabytes.
_MOST_PIXELS: Final = 200_000_000
_STOPPED: Final = (-2, -9, -15)  # by somebody: SIGINT, SIGKILL, SIGTERM
# A picture of which a part is missing is broken, rather than grey from there on. Not for TIFF,
# whose decoder then takes a tag it does not know for an error.
_STRICT: Final = ("-err_detect", "explode")
_STRICT_KINDS: Final = ("jpeg_pipe", "png_pipe")
# What ffmpeg says of its own threads when a decoder has given up.
_SAYS_NOTHING: Final = (
    "Task finished",
    "Terminating thread",
    "Nothing was written",
    "Decode error",
)
_HEADER_END: Final = b"ENDHDR\n"
# Folders that systems put beside pictures.
_NOT_OURS: Final = frozenset({"__macosx", "@eadir", "$recycle.bin"})

_Read: TypeAlias = NDArray[np.uint8] | str  # a picture, or why there is none


def is_ours(name: str) -> bool:
    """Whether a folder or file was put there by the user, and not by a system."""
    return not name.startswith(".") and name.lower() not in _NOT_OURS


def find_pictures(folder: StrPath) -> tuple[Path, ...]:
    """List the picture files of a folder and the folders below it.

    Parameters
    ----------
    folder : path-like
        Hidden files and folders in it are left out, links to other folders are not followed.

    Returns
    -------
    tuple of Path
        Sorted by name, by their endings: jpg, png, webp, gif, bmp and tiff.

    Raises
    ------
    ParameterError
        If it is no folder, or cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise ParameterError(f"{str(folder)!r} {what}; give a folder of pictures")

    def refuse(error: OSError) -> None:
        raise ParameterError(f"cannot read {error.filename!r}: {error.strerror}") from error

    found = []
    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = filter(is_ours, folders)
        found += [
            Path(place, name)
            for name in files
            if is_ours(name) and Path(name).suffix.lower() in ENDINGS
        ]
    return tuple(sorted(found))


def tell_unread(path: Path, why: str) -> None:
    """Say that a picture is left out."""
    notify(f"left out the picture {str(path)!r}: {why}")


def read_pictures(
    paths: Iterable[StrPath],
    *,
    longest_side: int = LONGEST_SIDE,
    on_unread: Callable[[Path, str], None] = tell_unread,
) -> Iterator[Picture]:
    """Read picture files one after the other, a few ahead.

    Parameters
    ----------
    paths : iterable of path-like
        Files: jpg, png, webp, gif (its first picture), bmp or tiff, told by what they hold.
    longest_side : int, default 320
        Pixels that the longest side is scaled down to; never up.
    on_unread : callable, optional
        Called with the path and the reason for each file that cannot be read; by default
        :func:`musify.notify` tells it.

    Yields
    ------
    path : Path
        In the order given, those left out that cannot be read.
    image : ndarray of uint8, shape (H, W, 3)
        RGB, upright as Exif says, on white where it is transparent. Read-only.

    Raises
    ------
    ParameterError
        If ``longest_side`` is below 1.
    FFmpegError
        If ffmpeg is missing or was killed.
    """
    side = whole_number("longest_side", longest_side, low=1)
    waiting: deque[tuple[list[Path], Future[list[_Read]]]] = deque()
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="musify-pictures")
    try:
        for batch in _batches(Path(path) for path in paths):
            waiting.append((batch, pool.submit(in_this_context(_read_batch), batch, side)))
            if len(waiting) > _WORKERS:
                yield from _told(*waiting.popleft(), on_unread)
        while waiting:
            yield from _told(*waiting.popleft(), on_unread)
    finally:
        pool.shutdown(cancel_futures=True)


def _told(
    batch: list[Path], future: Future[list[_Read]], on_unread: Callable[[Path, str], None]
) -> Iterator[Picture]:
    for path, read in zip(batch, future.result(), strict=True):
        if isinstance(read, str):
            on_unread(path, read)
        else:
            yield path, read


def _batches(paths: Iterable[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    held = 0
    for path in paths:
        try:
            size = path.stat().st_size
        except OSError:
            size = 0  # told when it is opened
        if batch and (len(batch) >= _MOST_TOGETHER or held + size > _MOST_BYTES):
            yield batch
            batch, held = [], 0
        batch.append(path)
        held += size
    if batch:
        yield batch


def _read_batch(paths: Sequence[Path], side: int) -> list[_Read]:
    reads: list[_Read] = []
    known: list[tuple[int, Path, PictureKind]] = []
    for index, path in enumerate(paths):
        reads.append("it cannot be decoded")
        try:
            kind = look_at_file(path)
        except (OSError, ValueError) as error:
            reads[index] = getattr(error, "strerror", None) or str(error)
            continue
        if kind is None:
            reads[index] = "it holds no picture of a known kind (jpg, png, webp, gif, bmp, tiff)"
        else:
            known.append((index, path, kind))
    for (index, _, _), read in zip(known, _decode([row[1:] for row in known], side), strict=True):
        reads[index] = read
    return reads


def _decode(files: Sequence[tuple[Path, PictureKind]], side: int) -> list[_Read]:
    if not files:
        return []
    reads = _decode_together(files, side)
    unread = [index for index, read in enumerate(reads) if isinstance(read, str)]
    if len(files) == 1 or not unread:
        return reads
    if len(unread) == len(files):
        # One that cannot even be opened ends the process; halving finds it in a few rounds.
        middle = len(files) // 2
        return _decode(files[:middle], side) + _decode(files[middle:], side)
    for index in unread:
        reads[index] = _decode_together([files[index]], side)[0]
    return reads


def _decode_together(files: Sequence[tuple[Path, PictureKind]], side: int) -> list[_Read]:
    scale = f"min(1,{side}/max(iw,ih))"
    size = f"w='max(1,round(iw*{scale}))':h='max(1,round(ih*{scale}))'"
    one = ["-threads", "1", "-noautorotate", "-max_pixels", str(_MOST_PIXELS)]
    with tempfile.TemporaryDirectory(prefix="musify-") as folder:
        outs = [Path(folder, f"{index}.pam") for index in range(len(files))]
        args = ["-v", "error", "-nostats", "-y"]
        for path, kind in files:
            args += [*one, *(_STRICT if kind.demuxer in _STRICT_KINDS else ())]
            args += ["-f", kind.demuxer, "-i", _ffmpeg.file_url(path.absolute())]
        for index, out in enumerate(outs):
            args += ["-map", f"{index}:v:0", "-frames:v", "1", "-threads", "1"]
            args += ["-vf", f"scale={size}:flags=area,format=rgba"]
            args += ["-c:v", "pam", "-f", "image2pipe", _ffmpeg.file_url(out)]
        lines: list[str] = []
        with _ffmpeg.FFmpegProcess(args, on_line=lines.append) as process:
            try:
                process.finish()
            except FFmpegError as error:
                if error.returncode in _STOPPED:
                    raise
        telling = [line for line in lines if not any(words in line for words in _SAYS_NOTHING)]
        why = _ffmpeg.own_words(telling[:2]) or "ffmpeg gave no picture"
        return [_upright(out, kind, why) for out, (_, kind) in zip(outs, files, strict=True)]


def _upright(out: Path, kind: PictureKind, why: str) -> _Read:
    data = out.read_bytes() if out.exists() else b""
    head, end, pixels = data.partition(_HEADER_END)
    sizes = dict(line.split(" ", 1) for line in head.decode("ascii", "replace").splitlines()[1:])
    if not end:
        return why
    height, width = int(sizes["HEIGHT"]), int(sizes["WIDTH"])
    if len(pixels) != height * width * 4:
        return why
    rgba = np.frombuffer(pixels, np.uint8).reshape(height, width, 4)
    image = np.ascontiguousarray(turned(_on_white(rgba), kind.orientation))
    image.setflags(write=False)
    return image


def _on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colour, alpha = rgba[..., :3], rgba[..., 3:]
    if alpha.min() == 255:
        return colour
    share = alpha.astype(np.float32) / 255
    return np.rint(colour * share + 255 * (1 - share)).astype(np.uint8)
