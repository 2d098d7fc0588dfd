"""What a run found, decided and wrote."""

from dataclasses import dataclass, field
from pathlib import Path

from musify.audio.speech_report import SpeechReport
from musify.audit import Audit
from musify.cues import CueSheet
from musify.scores import MoodScores
from musify.shots import Shots
from musify.soundtrack import Soundtrack
from musify.timeline import MoodTimeline
from musify.video import VideoInfo

__all__ = ["Analysis", "RunResult"]


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What a video feels like over time.

    Parameters
    ----------
    video : VideoInfo
        The video.
    scores : MoodScores
        Of each sampled frame.
    timeline : MoodTimeline
        Of the whole video.
    warnings : tuple of str
        What musify chose or skipped on the way.
    seconds : dict of str to float
        How long each stage took.
    shots : Shots or None
        Cuts and motion, where they were looked for.
    """

    video: VideoInfo
    scores: MoodScores
    timeline: MoodTimeline
    warnings: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    shots: Shots | None = None

    def __repr__(self) -> str:
        moods = ", ".join(self.timeline.labels)
        return f"Analysis({str(self.video.path)!r}, {len(self.scores)} frames, moods: {moods})"

    def _repr_html_(self) -> str:
        from musify._display import analysis_html  # noqa: PLC0415 - only notebooks need it

        return analysis_html(self)


@dataclass(frozen=True, slots=True, eq=False)
class RunResult:
    """What a run found, decided and wrote.

    Parameters
    ----------
    video : VideoInfo
        The input.
    output : Path
        The finished file.
    cues : CueSheet
        What plays when. ``cues.save("plan.json")`` keeps it.
    soundtrack : Soundtrack
        The sound of the output, before encoding; rendered when asked for.
    timeline : MoodTimeline or None
        None when a plan was rendered without looking at the video.
    scores : MoodScores or None
        As the timeline.
    warnings : tuple of str
        What musify chose or skipped on the way.
    seconds : dict of str to float
        How long each stage took.
    pcm_sha256 : str, default ""
        Hash of the sound as it was handed to the encoder: what ``soundtrack.sha256()`` gives.
    shots : Shots or None
        As the timeline.
    audit : Audit or None
        What was measured on the file; None where nobody asked for it.
    speech : SpeechReport or None
        How far music is under speech, utterance by utterance; None where nobody listened.
    """

    video: VideoInfo
    output: Path
    cues: CueSheet
    soundtrack: Soundtrack
    timeline: MoodTimeline | None = None
    scores: MoodScores | None = None
    warnings: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    pcm_sha256: str = ""
    shots: Shots | None = None
    audit: Audit | None = None
    speech: SpeechReport | None = None

    def __repr__(self) -> str:
        moods = "not looked at" if self.timeline is None else ", ".join(self.timeline.labels)
        return f"RunResult({str(self.output)!r}, {len(self.cues.cues)} cues, moods: {moods})"

    def _repr_html_(self) -> str:
        from musify._display import result_html  # noqa: PLC0415 - only notebooks need it

        return result_html(self)
