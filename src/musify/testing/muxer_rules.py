"""The rules of :class:`musify.AudioMuxer`."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
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
from musify.testing.clips import odd_video, rich_video
from musify.testing.media import as_soundtrack, tone
from musify.testing.rules import Bench, Rule, held, odd_name, require, rule
from musify.testing.surroundings import require_nothing_else_changes
from musify.video import VideoInfo, probe

__all__ = ["MUXER_RULES"]

MUXER_RULES: Final[dict[str, Rule]] = {}
_RATE: Final = 48_000
_HERTZ: Final = 1000
# A frame of AAC is 1,024 PCM frames; muxing may not move the end of the film by more than rounding.
_LENGTH_TOLERANCE: Final = 0.001
# When a burst begins on the left, and on the right; how loud it is at least, and how exact.
_BURSTS: Final = (0.5, 1.5)
_HEARD: Final = 0.1
_IN_TIME: Final = 0.01
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


def _own_prints(video: VideoInfo) -> tuple[dict[int, str], str]:
    """Hashes of every stream but the own sound, and of the own sound."""
    prints = {index: one.sha256 for index, one in stream_prints(video.path).items()}
    own = prints.pop(video.audio_index) if video.audio_index is not None else ""
    return prints, own


def _hertz(path: Path, stream: int) -> int:
    """Find the pitch of a second of sound, as a player would hear it."""
    args = ["-v", "error", "-i", file_url(path), "-map", f"0:{stream}", "-ac", "1"]
    args += ["-ar", str(_RATE), "-t", "2", "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1"]
    pcm = np.frombuffer(_ffmpeg.run(args)[0], "<f4")
    second = pcm[-_RATE:]
    return round(float(np.abs(np.fft.rfft(second)).argmax()) * _RATE / max(1, len(second)))


@rule(MUXER_RULES)
def the_output_is_returned(muxer: AudioMuxer, bench: Bench) -> None:
    """The path of the output is returned as a Path, also where it was given as str."""
    output = bench.folder / "out.mp4"
    given = muxer.mux(bench.video, _sound(bench.video), str(output))
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
        lost = [f"{index}" for index, one in others.items() if one not in kept]
        of = f"{ending}: of streams {', '.join(map(str, others))} changed or lost"
        require(not lost, f"{of}: {', '.join(lost)}; let ffmpeg copy them: -map 0 -c copy")


@rule(MUXER_RULES)
def subtitles_and_other_sounds_stay(muxer: AudioMuxer, bench: Bench) -> None:
    """Subtitles and further sounds are in the output, bit for bit."""
    video = rich_video()
    output = bench.folder / "out.mp4"
    muxer.mux(video, _sound(video), output)
    kept, prints = _prints(output), stream_prints(video.path)
    others = [one for one in video.streams if one.kind in ("audio", "subtitle")]
    lost = [
        f"{one.kind} {one.language}"
        for one in others
        if one.index != video.audio_index and prints[one.index].sha256 not in kept
    ]
    require(not lost, f"changed or lost: {', '.join(lost)}")


@rule(MUXER_RULES)
def tags_and_chapters_stay(muxer: AudioMuxer, bench: Bench) -> None:
    """Title, comment and chapters stay, and so do the languages of streams."""
    video = rich_video()
    output = bench.folder / "out.mp4"
    muxer.mux(video, _sound(video), output)
    written = probe(output)
    tags = dict(written.tags)
    for name in ("title", "comment"):
        wanted, found = dict(video.tags)[name], tags.get(name)
        # A muxer may add to a comment, such as credits.
        require(found is not None and wanted in found, f"the {name} {wanted!r} became {found!r}")
    chapters = written.chapters
    require(chapters == video.chapters, f"of {video.chapters} chapters {chapters} came out")
    for kind in ("audio", "subtitle"):
        before = [one.language for one in video.streams if one.kind == kind]
        after = [one.language for one in written.streams if one.kind == kind]
        if len(after) >= len(before):  # what is lost as a whole is another rule's
            lost = set(before[-1:]) - set(after)  # the first sound is the video's own, and may go
            require(not lost, f"{kind} in {before} became {kind} in {after}")


@rule(MUXER_RULES)
def the_picture_stays_upright(muxer: AudioMuxer, bench: Bench) -> None:
    """What was filmed with the camera turned is turned in the output too."""
    video, output = odd_video(), bench.folder / "out.mp4"
    muxer.mux(video, _sound(video), output)
    sizes = [(one.width, one.height) for one in (video, probe(output))]
    require(sizes[0] == sizes[1], "{0[0]}x{0[1]} came out as {1[0]}x{1[1]}".format(*sizes))


@rule(MUXER_RULES)
def frames_keep_their_times(muxer: AudioMuxer, bench: Bench) -> None:
    """Where frames come at uneven times, they do so in the output."""
    video, output = odd_video(), bench.folder / "out.mp4"
    muxer.mux(video, _sound(video), output)
    wanted, found = (_frame_times(one) for one in (video, probe(output)))
    same = len(wanted) == len(found) and np.allclose(wanted, found, rtol=0, atol=_LENGTH_TOLERANCE)
    require(same, f"frames at {np.round(wanted, 3)} s came out at {np.round(found, 3)} s")


def _frame_times(video: VideoInfo) -> NDArray[np.float64]:
    """Read when frames are shown, in seconds from the first."""
    args = ["-v", "error", "-i", file_url(video.path), "-map", f"0:{video.video_index}"]
    lines = _ffmpeg.run([*args, "-c", "copy", "-f", "framecrc", "pipe:1"])[0].decode().splitlines()
    (unit,) = [Fraction(line.split(":")[1].strip()) for line in lines if line.startswith("#tb 0")]
    ticks = sorted(int(line.split(",")[2]) for line in lines if not line.startswith("#"))
    return (np.array(ticks) - ticks[0]) * float(unit)


@rule(MUXER_RULES)
def a_video_may_be_silent(muxer: AudioMuxer, bench: Bench) -> None:
    """A video without sound of its own gets its soundtrack, kept or replaced."""
    video = odd_video()
    originals: tuple[Original, ...] = ("keep", "replace")
    for original in originals:
        output = bench.folder / f"{original}.mp4"
        muxer.mux(video, _sound(video), output, original=original)
        sounds = sum(stream.kind == "audio" for stream in probe(output).streams)
        require(sounds == 1, f"with original={original!r} there are {sounds} sounds")


@rule(MUXER_RULES)
def the_sound_is_in_time(muxer: AudioMuxer, bench: Bench) -> None:
    """Sound of any rate is heard at its time and on its side, also where a video begins late."""
    video, output = odd_video(), bench.folder / "out.mp4"
    rate = 44_100
    pcm = np.zeros((round(video.duration * rate), 2), np.float32)
    burst = (0.5 * np.sin(np.arange(rate // 10) * 2 * np.pi * _HERTZ / rate)).astype(np.float32)
    for side, start in enumerate(_BURSTS):
        pcm[round(start * rate) :, side][: len(burst)] = burst
    muxer.mux(video, as_soundtrack(pcm, rate), output)
    written = probe(output)
    channels = [one.channels for one in written.streams if one.kind == "audio"]
    require(channels, "there is no sound")
    require(channels[0] == 2, f"sound of 2 channels came out with {channels[0]}")
    shown = written.start_time - written.container_start
    args = ["-v", "error", "-i", file_url(output), "-map", "0:a:0", "-af"]
    args += [f"aresample={_RATE}:async=1:first_pts=0", "-f", "f32le", "pipe:1"]
    heard = np.frombuffer(_ffmpeg.run(args)[0], "<f4")
    loud = np.abs(heard.reshape(-1, 2)) > _HEARD
    for side, start in enumerate(_BURSTS):
        name = ("left", "right")[side]
        require(loud[:, side].any(), f"what is {name} at {start:g} s was not heard")
        found = float(loud[:, side].argmax()) / _RATE - shown
        require(
            abs(found - start) <= _IN_TIME,
            f"what is {name} at {start:g} s was heard at {found:g} s",
        )


@rule(MUXER_RULES)
def names_may_be_odd(muxer: AudioMuxer, bench: Bench) -> None:
    """Names of files may hold spaces, quotes, brackets and signs."""
    plain = odd_video()
    (bench.folder / "in").mkdir()
    odd = bench.folder / "in" / odd_name(plain.path)
    odd.write_bytes(plain.path.read_bytes())
    output = bench.folder / odd.name
    muxer.mux(replace(plain, path=odd), _sound(plain), output)
    require(output.is_file(), f"there is no {output.name}")


@rule(MUXER_RULES)
def check_lets_pass_what_can_be_written(muxer: AudioMuxer, bench: Bench) -> None:
    """``check`` writes nothing, and lets pass what ``mux`` then writes."""
    output = bench.folder / "out.mp4"
    muxer.check(odd_video(), output)
    left = [file.name for file in bench.folder.iterdir()]
    require(not left, f"check() wrote {', '.join(left)}")


@rule(MUXER_RULES)
def nothing_else_changes(muxer: AudioMuxer, bench: Bench) -> None:
    """Nothing is printed, changed for others, or left: settings, random numbers, files, threads."""
    video, output = odd_video(), bench.folder / "out.mp4"

    def work() -> None:
        muxer.mux(video, _sound(video), output, overwrite=True)

    require_nothing_else_changes(work, bench)


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
