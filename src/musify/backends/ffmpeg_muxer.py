"""Copies every stream bit for bit and adds the new sound first."""

import re
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from typing_extensions import override

from musify import _ffmpeg
from musify._containers import (
    CONTAINERS,
    Container,
    container_of,
    is_written_anew,
    refuse_stuck,
)
from musify._ffmpeg import FFmpegProcess, StrPath, file_url, own_words
from musify._iterators import ended
from musify._media_info import StreamInfo
from musify._output import check_output, finished_file, no_space
from musify._quicktime import QUICKTIME_LANGUAGES
from musify.audio.new_sound import NewSound
from musify.credits import free_tag
from musify.cues import Original
from musify.errors import FFmpegError, OutputError, ParameterError
from musify.interfaces import AudioMuxer
from musify.notices import notify
from musify.soundtrack import Soundtrack
from musify.video import VideoInfo, read_media

__all__ = ["FfmpegMuxer"]

# Tags that ffmpeg writes into MP4 in their usual place. Any other needs the list of free keys, and
# then all go there.
_MP4_TAGS: Final = frozenset(
    {
        "compilation",
        "disc",
        "episode_sort",
        "gapless_playback",
        "hd_video",
        "keywords",
        "media_type",
        "season_number",
        "album",
        "album_artist",
        "artist",
        "author",
        "comment",
        "compatible_brands",
        "composer",
        "copyright",
        "creation_time",
        "date",
        "description",
        "encoder",
        "episode_id",
        "genre",
        "grouping",
        "location",
        "lyrics",
        "major_brand",
        "minor_version",
        "network",
        "show",
        "synopsis",
        "title",
        "track",
    }
)
_BITRATES: Final = (16_000, 512_000)
# They do not say when each frame is presented, which Matroska must know.
_UNTIMED_FORMATS: Final = ("avi", "mpeg")
# What describes the old file is not copied into the new one.
_FILE_TAGS: Final = ("major_brand", "minor_version", "compatible_brands")


class FfmpegMuxer(AudioMuxer):
    """Writes the output with ffmpeg, encoding nothing but the new sound.

    Picture, subtitles, chapters, attachments, data, tags, rotation and every other sound are copied
    packet by packet. The new sound is the first, default audio stream: AAC in .mp4, .m4v, .mov and
    .mkv, Opus in .webm. It begins with the first presented frame. With ``original="keep"`` the
    video's own sound stays as a further stream too; with ``"second-track"`` the new sound comes
    after all others, and players choose it only when they are told to.

    A time code track and the text track that MP4 keeps chapters in are written anew by ffmpeg, from
    the tags and chapters they stand for.

    Parameters
    ----------
    bitrate : str, optional
        Of the new sound, such as ``"256k"``; by default 192k for AAC and 160k for Opus in stereo,
        and as much more as there are more channels.
    drop_uncarried : bool, default False
        Whether streams that the container cannot carry are left out, and named in a warning,
        instead of being refused.

    Raises
    ------
    ParameterError
        If the bitrate is no such figure.
    """

    is_audited = True

    def __init__(self, bitrate: str | None = None, *, drop_uncarried: bool = False) -> None:
        if bitrate is not None:
            match = re.fullmatch(r"([1-9]\d{0,6})(k?)", str(bitrate))
            rate = int(match[1]) * (1000 if match[2] else 1) if match else 0
            if not _BITRATES[0] <= rate <= _BITRATES[1]:
                raise ParameterError(f"bitrate must be from 16k to 512k, got {bitrate!r}")
        self.bitrate = bitrate
        self.drop_uncarried = bool(drop_uncarried)

    def __repr__(self) -> str:
        dropped = ", drop_uncarried=True" if self.drop_uncarried else ""
        return f"FfmpegMuxer(bitrate={self.bitrate!r}{dropped})"

    @override
    def check(self, video: VideoInfo, output: StrPath, *, original: Original = "keep") -> None:
        container, streams = self._plan(video, Path(output), original)
        _format_options(video, streams, container)

    @override
    def left_out(
        self, video: VideoInfo, output: StrPath, *, original: Original = "keep"
    ) -> tuple[int, ...]:
        if not self.drop_uncarried:
            return ()
        container, streams = self._plan(video, Path(output), original)
        kept = {stream.index for stream in streams}
        return tuple(
            stream.index
            for stream in _copied(video, container, original)
            if stream.index not in kept
        )

    @override
    def mux(
        self,
        video: VideoInfo,
        soundtrack: Soundtrack,
        output: StrPath,
        *,
        original: Original = "keep",
        overwrite: bool = False,
    ) -> Path:
        output = check_output(output, overwrite=overwrite, inputs=(video.path,))
        container, streams = self._plan(video, output, original)
        if lost := self.left_out(video, output, original=original):
            named = ", ".join(
                f"{index} ({video.stream(index).kind}, {video.stream(index).codec})"
                for index in lost
            )
            notify(f"{output.suffix} cannot carry the streams {named}; they were left out")
        with (
            finished_file(output, overwrite=overwrite) as partial,
            tempfile.TemporaryDirectory(prefix="musify-") as folder,
        ):
            covers = _extract_covers(video, streams, container, Path(folder))
            bitrate = str(self.bitrate or _bitrate(container, soundtrack.channels))
            sound = NewSound(soundtrack, container.encoder, bitrate, video.start_time)
            args = _arguments(video, sound, streams, container, covers, original)
            try:
                _feed([*args, file_url(partial)], sound)
            except FFmpegError as error:
                raise _explained(error, output, video) from error
            written = _check_nothing_lost(partial, streams)
            if container.format == "mov":
                _tell_lost_languages(
                    written, _languages(video, streams, covers, container, original), output
                )
        return output

    def _plan(
        self, video: VideoInfo, output: Path, original: Original
    ) -> tuple[Container, list[StreamInfo]]:
        """Choose the container, and the streams that are copied into it."""
        container = container_of(output)
        if self.drop_uncarried:
            copied = _copied(video, container, original)
            return container, [stream for stream in copied if container.carries(stream)]
        refuse_stuck(lambda kind: _copied(video, kind, original), output, container)
        return container, _copied(video, container, original)


def _arguments(
    video: VideoInfo,
    sound: NewSound,
    streams: list[StreamInfo],
    container: Container,
    covers: dict[int, Path],
    original: Original,
) -> list[str]:
    # -copyts keeps every stream where it stands on the clock of the file.
    args = ["-v", "error", "-nostats", "-y", "-copyts"]
    if video.format in _UNTIMED_FORMATS:
        args += ["-fflags", "+genpts"]
    args += ["-i", file_url(video.path)]
    args += sound.input_options
    before, after = _in_order(streams, covers, original)
    for stream in before:
        args += ["-map", f"0:{stream.index}"]
    args += ["-map", "1:a"]
    for stream in after:
        args += ["-map", f"0:{stream.index}"]
    sounds: list[StreamInfo | None] = [stream for stream in before if stream.kind == "audio"]
    own_place = len(sounds)
    sounds += [None, *(stream for stream in after if stream.kind == "audio")]
    # Without -copyinkf ffmpeg drops what comes before the first key frame.
    args += ["-c", "copy", "-copyinkf", *sound.codec_options(own_place)]
    # MP4 has no titles of streams; its players show the name of the handler.
    for tag in ("title", "handler_name"):
        args += [f"-metadata:s:a:{own_place}", f"{tag}={_title(video, original)}"]
    args += _credits(video, sound, container, own_place)
    for place, language in enumerate(_languages(video, streams, covers, container, original)):
        if language is not None:
            args += [f"-metadata:s:{place}", f"language={language}"]
    leads = original != "second-track" or len(sounds) == 1
    for place, copied in enumerate(sounds):
        if copied is None:
            flags = ["default"] if leads else []
        else:
            if container.is_mp4_like and copied.title:
                args += [f"-metadata:s:a:{place}", f"handler_name={copied.title}"]
            flags = [re.sub("[ -]", "_", flag) for flag in copied.disposition]
            flags = [flag for flag in flags if flag != "default" or not leads]
        args += [f"-disposition:a:{place}", "+".join(flags) or "0"]
    for place, (index, file) in enumerate(covers.items()):
        args += ["-attach", str(file)]
        kept = sum(stream.kind == "attachment" for stream in streams)
        mimetype = "image/png" if video.stream(index).codec == "png" else "image/jpeg"
        args += [f"-metadata:s:t:{kept + place}", f"mimetype={mimetype}"]
    return [*args, *_format_options(video, streams, container), "-f", container.format]


def _credits(video: VideoInfo, sound: NewSound, container: Container, place: int) -> list[str]:
    """Write the credits of the music into tags that are free."""
    words = sound.soundtrack.credits
    if not words:
        return []
    if not container.is_mp4_like:
        return [f"-metadata:s:a:{place}", f"comment={words}"]
    tag = free_tag(key for key, _ in video.tags)  # MP4 has no comments of streams
    if tag is None:
        notify(f"the credits of the music are not in {container.format}'s tags: none is free")
        return []
    return ["-metadata", f"{tag}={words}"]


def _copied(video: VideoInfo, container: Container, original: Original) -> list[StreamInfo]:
    """List what is copied into a container, could it carry everything."""
    replaced = video.audio_index if original == "replace" else None
    return [
        stream
        for stream in video.streams
        if stream.index != replaced and not is_written_anew(stream, video.chapters, container)
    ]


def _bitrate(container: Container, channels: int) -> str:
    stereo = int(container.bitrate.removesuffix("k"))
    return f"{stereo * max(2, channels) // 2}k"


def _in_order(
    streams: Iterable[StreamInfo], covers: Collection[int], original: Original
) -> tuple[list[StreamInfo], list[StreamInfo]]:
    """Split what is copied into what comes before the new sound, and after it."""
    leading = ("video", "audio") if original == "second-track" else ("video",)
    copied = [stream for stream in streams if stream.index not in covers]
    # Within what comes before, pictures first.
    before = [stream for kind in leading for stream in copied if stream.kind == kind]
    return before, [stream for stream in copied if stream.kind not in leading]


def _languages(
    video: VideoInfo,
    streams: Iterable[StreamInfo],
    covers: Collection[int],
    container: Container,
    original: Original,
) -> list[str | None]:
    """List the languages of the streams of the output, by the codes that are written."""
    before, after = _in_order(streams, covers, original)
    new = None
    if original != "replace" and video.audio_index is not None:
        new = video.stream(video.audio_index).language or "und"
    spoken = [*(stream.language for stream in before), new, *(one.language for one in after)]
    if container.format != "mov":
        return spoken
    return [QUICKTIME_LANGUAGES.get(language or "", language) for language in spoken]


def _format_options(video: VideoInfo, streams: list[StreamInfo], container: Container) -> list[str]:
    options: list[str] = []
    for tag in _FILE_TAGS:
        options += ["-metadata", f"{tag}="]
    if not container.is_mp4_like:
        # Otherwise Matroska would set flags of streams by its own idea.
        return [*options, "-default_mode", "passthrough"]
    if any(stream.is_dolby_vision for stream in streams):
        options += ["-strict", "unofficial"]  # else ffmpeg leaves its configuration out
    flags = "+faststart"
    if any(key.lower() not in _MP4_TAGS for key, _ in video.tags):
        flags += "+use_metadata_tags"
        if any(stream.is_cover for stream in streams):
            raise OutputError(
                f"{video.path.name} has cover art and tags of its own naming, and ffmpeg can "
                "write only one of the two into MP4; name the output .mkv"
            )
    return [*options, "-movflags", flags]


def _extract_covers(
    video: VideoInfo, streams: Iterable[StreamInfo], container: Container, folder: Path
) -> dict[int, Path]:
    """Take cover art out for Matroska, which ffmpeg would turn into a second film."""
    covers: dict[int, Path] = {}
    if container.format != "matroska":
        return covers
    for stream in streams:
        if stream.is_cover:
            ending = {"png": ".png", "mjpeg": ".jpg"}.get(stream.codec, f".{stream.codec}")
            # Players look for art of this name (Matroska, "Cover art"); one file for each stream.
            file = folder / (f"cover{stream.index}{ending}" if covers else f"cover{ending}")
            args = ["-v", "error", "-i", file_url(video.path), "-map", f"0:{stream.index}"]
            picture, _ = _ffmpeg.run([*args, "-c", "copy", "-f", "data", "pipe:1"])
            file.write_bytes(picture)
            covers[stream.index] = file
    return covers


def _title(video: VideoInfo, original: Original) -> str:
    return "Original sound with music" if original != "replace" and video.has_audio else "Music"


def _feed(args: list[str], sound: NewSound) -> None:
    with FFmpegProcess(args, stdin=True) as process, ended(sound.parts()) as parts:
        for part in parts:
            process.write(part)
        process.finish()


def _explained(error: FFmpegError, output: Path, video: VideoInfo) -> Exception:
    words = own_words(error.stderr_tail, 8)
    if full := no_space(error, output):
        return full
    if "Could not write header" in words or "not currently supported in container" in words:
        others = [ending for ending in (video.path.suffix, ".mkv") if ending in CONTAINERS]
        others = [ending for ending in others if ending != output.suffix]
        return OutputError(
            f"{output.suffix} cannot carry a stream of {video.path.name} as it is ({words}); "
            + (
                f"name the output {' or '.join(dict.fromkeys(others))}"
                if others
                else "convert it first"
            )
        )
    return error


def _check_nothing_lost(partial: Path, streams: list[StreamInfo]) -> list[StreamInfo]:
    """Compare what was to be copied with what stands in the file: ffmpeg may drop in silence."""
    written = read_media(partial, OutputError, "video").streams
    wanted = Counter((stream.kind, stream.is_cover) for stream in streams)
    wanted["audio", False] += 1
    found = Counter((stream.kind, stream.is_cover) for stream in written)
    lost = wanted - found
    if lost:
        named = ", ".join("cover art" if cover else kind for kind, cover in lost.elements())
        raise OutputError(f"ffmpeg lost streams while writing ({named}); nothing was kept of it")
    return written


def _tell_lost_languages(
    written: Iterable[StreamInfo], wanted: Iterable[str | None], output: Path
) -> None:
    """Say which languages QuickTime has no number for."""
    lost = {
        language
        for stream, language in zip(written, wanted, strict=False)  # chapters may come last
        if language not in (None, "und") and stream.language is None
    }
    if lost:
        notify(
            f"{output.name} does not say that streams are in {', '.join(sorted(map(str, lost)))}: "
            ".mov as ffmpeg writes it knows no such languages; .mp4 and .mkv do"
        )
