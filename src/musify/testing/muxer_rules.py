"""The rules of :class:`musify.AudioMuxer`."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify import _ffmpeg
from musify._ffmpeg import file_url
from musify._packet_hashes import stream_prints
from musify.cues import Original
from musify.errors import OutputError
from musify.interfaces import AudioMuxer
from musify.soundtrack import Soundtrack
from musify.testing.media import tone
from musify.testing.rules import Bench, Rule, held, require, rule
from musify.video import VideoInfo, probe

__all__ = ["MUXER_RULES"]

MUXER_RULES: Final[dict[str, Rule]] = {}
_RATE: Final = 48_000
_HERTZ: Final = 1000
# A frame of AAC is 1,024 PCM frames; muxing may not move the end of the film by more than rounding.
_LENGTH_TOLERANCE: Final = 0.001
_ENDINGS: Final = (".mp4", ".mkv")


def _sound(video: VideoInfo) -> Soundtrack:
    # A tone that the video does not have.
    return tone(_HERTZ, seconds=video.duration, sample_rate=_RATE)


def _muxed(
    muxer: AudioMuxer, bench: Bench, *, ending: str = ".mp4", original: Original = "keep"
) -> VideoInfo:
    output = bench.folder / f"out{ending}"
    muxer.mux(bench.video, _sound(bench.video), output, original=original)
    return probe(output)


def _prints(path: Path) -> list[str]:
    return [one.sha256 for one in stream_prints(path).values()]


def _own_prints(video: VideoInfo) -> tuple[list[str], str]:
    """Hashes of every stream but the own sound, and of the own sound."""
    prints = {index: one.sha256 for index, one in stream_prints(video.path).items()}
    own = prints.pop(video.audio_index) if video.audio_index is not None else ""
    return list(prints.values()), own


def _hertz(path: Path, stream: int) -> int:
    """Find the pitch of a second of sound, as a player would hear it."""
    args = ["-v", "error", "-i", file_url(path), "-map", f"0:{stream}", "-ac", "1"]
    args += ["-ar", str(_RATE), "-t", "2", "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1"]
    pcm = np.frombuffer(_ffmpeg.run(args)[0], "<f4")
    second = pcm[-_RATE:]
    return round(float(np.abs(np.fft.rfft(second)).argmax()) * _RATE / max(1, len(second)))


@rule(MUXER_RULES)
def the_output_is_returned(muxer: AudioMuxer, bench: Bench) -> None:
    """The path of the output is returned."""
    output = bench.folder / "out.mp4"
    given = muxer.mux(bench.video, _sound(bench.video), output)
    require(given == output, f"it returned {given!r} instead of {output!r}")


@rule(MUXER_RULES)
def the_new_sound_is_the_first_and_default_one(muxer: AudioMuxer, bench: Bench) -> None:
    """The soundtrack is the first sound, and the only default one, in .mp4 and in .mkv."""
    for ending in _ENDINGS:
        written = _muxed(muxer, bench, ending=ending)
        sounds = [stream for stream in written.streams if stream.kind == "audio"]
        defaults = ["default" in stream.disposition for stream in sounds]
        require(defaults[:1] == [True] and sum(defaults) == 1, f"{ending}: default are {defaults}")
        found = _hertz(written.path, sounds[0].index)
        require(found == _HERTZ, f"{ending}: its tone of {_HERTZ} Hz came out as {found} Hz")


@rule(MUXER_RULES)
def the_length_stays(muxer: AudioMuxer, bench: Bench) -> None:
    """The output is as long as the video."""
    found = _muxed(muxer, bench).duration
    long = bench.video.duration
    require(abs(found - long) <= _LENGTH_TOLERANCE, f"{long:g} s became {found:g} s")


@rule(MUXER_RULES)
def other_streams_are_copied(muxer: AudioMuxer, bench: Bench) -> None:
    """Every stream of the video but its sound is in the output, bit for bit."""
    for ending in _ENDINGS:
        kept = _prints(_muxed(muxer, bench, ending=ending).path)
        others, _ = _own_prints(bench.video)
        lost = [one for one in others if one not in kept]
        require(not lost, f"{ending}: {len(lost)} of {len(others)} streams changed or are lost")


@rule(MUXER_RULES)
def the_own_sound_is_kept(muxer: AudioMuxer, bench: Bench) -> None:
    """With ``original="keep"`` the video's own sound is in the output, bit for bit."""
    _, own = _own_prints(bench.video)
    if own:
        kept = _prints(_muxed(muxer, bench).path)
        require(own in kept, "the video's own sound changed or is lost")


@rule(MUXER_RULES)
def the_own_sound_can_be_replaced(muxer: AudioMuxer, bench: Bench) -> None:
    """With ``original="replace"`` the soundtrack is the only sound."""
    written = _muxed(muxer, bench, original="replace")
    sounds = [stream.index for stream in written.streams if stream.kind == "audio"]
    require(len(sounds) == 1, f"there are {len(sounds)} sounds")
    found = _hertz(written.path, sounds[0])
    require(found == _HERTZ, f"the only sound is a tone of {found} Hz, not of {_HERTZ} Hz")


@rule(MUXER_RULES)
def the_new_sound_can_be_the_last(muxer: AudioMuxer, bench: Bench) -> None:
    """With ``original="second-track"`` the soundtrack is the last sound, and no default one."""
    written = _muxed(muxer, bench, original="second-track")
    last = [stream for stream in written.streams if stream.kind == "audio"][-1]
    require("default" not in last.disposition, "the last sound is a default one")
    found = _hertz(written.path, last.index)
    require(found == _HERTZ, f"the last sound is a tone of {found} Hz, not of {_HERTZ} Hz")


@rule(MUXER_RULES)
def the_input_is_never_changed(muxer: AudioMuxer, bench: Bench) -> None:
    """To write onto the input raises OutputError, also with ``overwrite=True``."""
    copy = bench.folder / f"in{bench.video.path.suffix}"
    copy.write_bytes(bench.video.path.read_bytes())
    video = probe(copy)
    before = hashlib.sha256(copy.read_bytes()).digest()
    with held(OutputError, "where the output is the input"):
        muxer.mux(video, _sound(video), copy, overwrite=True)
    require(hashlib.sha256(copy.read_bytes()).digest() == before, "the input changed")


@rule(MUXER_RULES)
def an_existing_file_is_kept(muxer: AudioMuxer, bench: Bench) -> None:
    """A file that stands there raises OutputError, and stays as it is."""
    output = bench.folder / "out.mp4"
    output.write_text("mine")
    with held(OutputError, "where a file stands"):
        muxer.mux(bench.video, _sound(bench.video), output)
    require(output.read_bytes() == b"mine", "the file that stood there changed")


@rule(MUXER_RULES)
def an_existing_file_can_be_replaced(muxer: AudioMuxer, bench: Bench) -> None:
    """With ``overwrite=True`` a file that stands there is replaced."""
    output = bench.folder / "out.mp4"
    output.write_text("mine")
    muxer.mux(bench.video, _sound(bench.video), output, overwrite=True)
    require(output.read_bytes() != b"mine", "the file that stood there still stands there")


@rule(MUXER_RULES)
def nothing_but_the_output_is_left(muxer: AudioMuxer, bench: Bench) -> None:
    """The output is the only file that is written."""
    output = _muxed(muxer, bench).path
    others = [file.name for file in bench.folder.iterdir() if file != output]
    require(not others, f"it left {', '.join(others)} too")


@rule(MUXER_RULES)
def nothing_is_left_after_an_error(muxer: AudioMuxer, bench: Bench) -> None:
    """When the soundtrack fails, or Ctrl-C comes, the error goes on and no file is left."""
    for error in (RuntimeError, KeyboardInterrupt):

        def source(error: type[BaseException] = error) -> Iterator[NDArray[np.float32]]:
            yield np.zeros((_RATE, 2), np.float32)
            raise error

        broken = Soundtrack(_RATE, 2, 10 * _RATE, source)
        with held(error, f"where the soundtrack raises {error.__name__}"):
            muxer.mux(bench.video, broken, bench.folder / "out.mp4")
        left = [file.name for file in bench.folder.iterdir()]
        require(not left, f"after {error.__name__} it left {', '.join(left)}")


@rule(MUXER_RULES)
def a_place_that_cannot_be_written_is_refused(muxer: AudioMuxer, bench: Bench) -> None:
    """A folder, or a file in a folder that is missing, raises OutputError."""
    for place in (bench.folder, bench.folder / "none" / "out.mp4"):
        with held(OutputError, f"with the output {place.name!r}"):
            muxer.mux(bench.video, _sound(bench.video), place)
    left = [file.name for file in bench.folder.iterdir()]
    require(not left, f"it left {', '.join(left)}")
