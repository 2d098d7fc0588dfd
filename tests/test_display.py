"""How results show themselves: small, escaped, well-formed, and never failing."""

import base64
import dataclasses
import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import musify
from musify._display import clock

EVIL = "<script>alert('1')</script>&\"x\""
LIMIT = 200_000


def timeline(count: int, label: str = "calm") -> musify.MoodTimeline:
    plane = np.linspace(-1, 1, 2 * count).reshape(count, 2)
    return musify.MoodTimeline(np.arange(count + 1.0), (label,) * count, np.full(count, 0.5), plane)


def sheet(path: Path, count: int, title: str = "") -> musify.CueSheet:
    track = musify.Track(path, duration=1.0, title=title, mood=musify.Mood(EVIL, 0.1, 0.2))
    cues = [musify.Cue(float(i), i + 1.0, track, (musify.SourceRange(0, 1),)) for i in range(count)]
    return musify.CueSheet(cues, duration=float(count), decisions=[EVIL] * count)


def parse(html: str) -> ElementTree.Element:
    closed = html.replace(" controls ", " controls='' ").replace("<br>", "<br/>")
    return ElementTree.fromstring(f"<div>{closed}</div>")


@pytest.mark.parametrize("count", [1, 5, 3000])
def test_a_timeline_is_small_and_well_formed(count: int) -> None:
    html = timeline(count, EVIL)._repr_html_()
    assert len(html) < LIMIT
    assert "<script" not in html
    shown = len(parse(html).findall(".//{*}rect"))
    assert shown == min(count, 60)
    assert ("more segments" in html) == (count > 60)


@pytest.mark.media
def test_cues_show_a_player_that_plays(songs: Path) -> None:
    html = sheet(songs / "calm" / "calm.wav", 3, EVIL)._repr_html_()
    assert len(html) < LIMIT
    assert "<script" not in html
    (sound,) = re.findall(r'src="data:audio/mpeg;base64,([^"]+)"', html)
    data = base64.b64decode(sound)
    assert data[:3] == b"ID3" or data[0] == 0xFF
    parse(html)


@pytest.mark.media
def test_thousands_of_long_titles_stay_small(tmp_path: Path, songs: Path) -> None:
    plan = sheet(songs / "calm" / "calm.wav", 3000, EVIL * 40)
    assert len(plan._repr_html_()) < LIMIT
    tracks = [
        dataclasses.replace(cue, track=dataclasses.replace(cue.track, path=tmp_path / f"{place}"))
        for place, cue in enumerate(plan.cues)
    ]
    video = musify.VideoInfo(
        tmp_path / "a.mp4", 3000.0, 0.0, Fraction(25), 160, 90, 0.0, (), 0, None
    )
    result = musify.RunResult(
        video,
        tmp_path / "b.mp4",
        dataclasses.replace(plan, cues=tuple(tracks)),
        musify.mix(plan),
        timeline(3000, EVIL * 40),
        warnings=(EVIL * 40,) * 3000,
    )
    html = result._repr_html_()
    assert len(html) < LIMIT
    assert "<script" not in html


@pytest.mark.media
def test_a_display_never_fails(tmp_path: Path) -> None:
    html = sheet(tmp_path / "gone.wav", 2)._repr_html_()
    assert "no preview" in html
    assert "<audio" not in html


@pytest.mark.media
def test_a_result_shows_everything(tmp_path: Path, tiny_video: Path, songs: Path) -> None:
    output = tmp_path / "a <b> & 'c'.mp4"
    result = musify.add_music(tiny_video, output, library=songs)
    html = result._repr_html_()
    assert len(html) < LIMIT
    assert "a &lt;b&gt; &amp; &#x27;c&#x27;.mp4" in html
    assert "<audio" in html
    assert result.cues.cues[0].track.title in html
    parse(html)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.0"), (59.96, "0:59.9"), (75.25, "1:15.2"), (3723, "1:02:03.0")]
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text
