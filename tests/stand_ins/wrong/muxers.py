"""Muxers, each with one fault."""

from pathlib import Path

from musify import _ffmpeg
from musify._ffmpeg import file_url
from stand_ins.mistakes import muxers as mistakes
from stand_ins.right import RightMuxer


def rewritten(path, *options):
    """Let ffmpeg copy a file onto itself."""
    draft = path.with_stem("draft")
    _ffmpeg.run(
        ["-v", "error", "-i", file_url(path), "-map", "0", "-c", "copy", *options, file_url(draft)]
    )
    draft.replace(path)
    return path


class Elsewhere(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        return super().mux(video, soundtrack, output, **options).with_stem("elsewhere")


class NewSoundLast(RightMuxer):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        original = "second-track" if original == "keep" else original
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


class Stretched(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        # Other rules look at the times of a silent video.
        return rewritten(path, "-bsf:v", "setts=ts=TS*1.02") if video.has_audio else path


class NewPackets(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        note = "086f3693-b7b3-4f2c-9653-21492feee5b8+a note in each picture"
        return rewritten(path, "-bsf:v", f"h264_metadata=sei_user_data='{note}'")


class DropsOwnSound(RightMuxer):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        original = "replace" if original == "keep" else original
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


class KeepsOwnSound(RightMuxer):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        original = "keep" if original == "replace" else original
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


class AlwaysFirst(RightMuxer):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        original = "keep" if original == "second-track" else original
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


class OntoTheInput(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        if Path(output) != video.path:
            return super().mux(video, soundtrack, output, **options)
        draft = super().mux(video, soundtrack, video.path.with_stem("draft"), **options)
        return draft.replace(output)


class Overwrites(RightMuxer):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        return super().mux(video, soundtrack, output, original=original, overwrite=True)


class NeverOverwrites(RightMuxer):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        path = Path(output)
        if overwrite and path.is_file() and path != video.path:
            return path
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


class WithLog(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        path = super().mux(video, soundtrack, output, **options)
        path.with_suffix(".log").write_text("done")
        return path


class LeavesADraft(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        try:
            return super().mux(video, soundtrack, output, **options)
        except (RuntimeError, KeyboardInterrupt):
            Path(output).with_suffix(".part").write_text("half")
            raise


class MakesFolders(RightMuxer):
    def mux(self, video, soundtrack, output, **options):
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        return super().mux(video, soundtrack, output, **options)


class NoTurn(mistakes.LosesTheTurn):
    def mux(self, video, soundtrack, output, **options):
        if not video.rotation:
            return RightMuxer.mux(self, video, soundtrack, output, **options)
        return super().mux(video, soundtrack, output, **options)


class EvenFrames(mistakes.EvenFrames):
    def mux(self, video, soundtrack, output, **options):
        if video.has_audio:
            return RightMuxer.mux(self, video, soundtrack, output, **options)
        return super().mux(video, soundtrack, output, **options)


class ReplacesWhatIsThere(RightMuxer):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        if original == "replace":
            video.stream(video.audio_index)
        return super().mux(video, soundtrack, output, original=original, overwrite=overwrite)


WRONG = {
    "the_output_is_returned": Elsewhere,
    "the_new_sound_is_the_first_and_default_one": NewSoundLast,
    "the_length_stays": Stretched,
    "other_streams_are_copied": NewPackets,
    "subtitles_and_other_sounds_stay": mistakes.LosesSubtitles,
    "tags_and_chapters_stay": mistakes.LosesChapters,
    "the_picture_stays_upright": NoTurn,
    "frames_keep_their_times": EvenFrames,
    "a_video_may_be_silent": ReplacesWhatIsThere,
    "the_sound_is_in_time": mistakes.SwapsSides,
    "names_may_be_odd": mistakes.CallsTheShell,
    "check_lets_pass_what_can_be_written": mistakes.TriesTheOutput,
    "nothing_else_changes": mistakes.Talks,
    "the_own_sound_is_kept": DropsOwnSound,
    "the_own_sound_can_be_replaced": KeepsOwnSound,
    "the_new_sound_can_be_the_last": AlwaysFirst,
    "the_input_is_never_changed": OntoTheInput,
    "an_existing_file_is_kept": Overwrites,
    "an_existing_file_can_be_replaced": NeverOverwrites,
    "nothing_but_the_output_is_left": WithLog,
    "nothing_is_left_after_an_error": LeavesADraft,
    "a_place_that_cannot_be_written_is_refused": MakesFolders,
}
