"""How results show themselves: small, escaped, well-formed, and never failing."""

import base64
import colorsys
import dataclasses
import pickle
import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import musify
from musify._clock import clock
from musify._mood_colour import mood_colour
from musify._overview import Stretch, overview, runs
from musify._svg import LEFT, PLOT
from musify._timeline_picture import timeline_svg

EVIL = "<script>alert('1')</script>&\"x\""
LIMIT = 200_000


SCORES = musify.MoodScores([0.0, 1.0], ("calm", "sad"), [[0.9, 0.1], [0.8, 0.2]])


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
    assert shown == (count if count <= 60 else 1)  # one mood all along is one box
    assert ("3000 segments" in html) == (count > 60)


def boxes(html: str) -> list[tuple[float, float]]:
    """Where the boxes of a picture begin and end."""
    found = parse(html).findall(".//{*}rect")
    starts = [float(box.get("x")) for box in found]
    return [(x, x + float(box.get("width"))) for x, box in zip(starts, found, strict=True)]


def test_of_a_long_film_the_end_is_shown_too() -> None:
    edges = np.linspace(0, 10_800, 2001)
    labels = ["calm", "sad"] * 950 + ["happy"] * 100
    film = musify.MoodTimeline(edges, labels, np.full(2000, 0.5), np.zeros((2000, 2)))
    html = film._repr_html_()
    assert len(html.encode()) < LIMIT
    places = boxes(html)
    assert places[0][0] == LEFT
    assert places[-1][1] == pytest.approx(LEFT + PLOT, abs=0.2)
    assert max(after[0] - before[1] for before, after in pairwise(places)) < 0.2
    last = parse(html).findall(".//{*}title")[-1].text
    assert last == "2:50:28.2 to 3:00:00.0: mostly happy"
    assert "2000 segments" in html
    for mood in ("calm", "sad", "happy"):
        assert f"<bdi>{mood}</bdi>" in html, "narrow boxes are explained below"


@pytest.mark.media
def test_of_many_cues_the_last_is_shown_too(songs: Path) -> None:
    html = sheet(songs / "calm" / "calm.wav", 100)._repr_html_()
    assert "100 cues" in html
    assert boxes(html)[-1][1] == pytest.approx(LEFT + PLOT, abs=0.2)


def test_a_gap_stays_a_gap() -> None:
    calm, sad = (0.5, -0.5), (-0.5, -0.5)
    found = overview([Stretch(0, 1, "calm", calm), Stretch(3, 4, "sad", sad)], 4, count=4)
    assert found == [Stretch(0, 1, "calm", calm), Stretch(3, 4, "sad", sad)]
    assert runs(found) == found


def test_one_mood_has_one_colour() -> None:
    seen = [[0.9, 0.0], [0.1, 0.9], [0.5, 0.5]]
    three = musify.MoodTimeline([0, 1, 2, 3], ["happy"] * 3, [1, 1, 1], seen)
    (fill,) = {box.get("fill") for box in parse(three._repr_html_()).findall(".//{*}rect")}
    assert fill == mood_colour(*musify.Mood.named("happy").point)
    own = musify.MoodTimeline([0, 1], ["hygge"], [1], [[0.6, -0.6]])._repr_html_()
    assert mood_colour(0.6, -0.6) in own


def test_what_is_not_sure_says_so() -> None:
    moods = ("calm", "sad", "happy")
    faint = musify.MoodTimeline([0, 1], ["calm"], [0.1], [[0, 0]], (), moods, [[0.4, 0.3, 0.3]])
    assert "calm unsure" in faint._repr_html_()


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
    assert "own sound" not in html, "it has none"
    heard = dataclasses.replace(result, video=dataclasses.replace(video, audio_index=1))
    assert "own sound: in the mix with the music" in heard._repr_html_()
    found = musify.Analysis(video, SCORES, result.timeline, warnings=result.warnings)
    html = found._repr_html_()
    assert len(html) < LIMIT
    assert "<script" not in html
    assert len(repr(musify.Analysis(video, SCORES, timeline(2, "calm")))) < 200


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
    ("seconds", "text"),
    [
        (0, "0:00.0"),
        (29.999, "0:30.0"),
        (59.96, "1:00.0"),
        (75.24, "1:15.2"),
        (3599.96, "1:00:00.0"),
        (3723, "1:02:03.0"),
    ],
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def hue(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)[0] * 360


@pytest.mark.parametrize(
    ("mood", "low", "high"),
    [("happy", 35, 55), ("action", 8, 30), ("sad", 200, 240), ("calm", 150, 185),
     ("tense", -10, 10), ("angry", -10, 10)],
)  # fmt: skip
def test_moods_have_the_colours_people_give_them(mood: str, low: float, high: float) -> None:
    (point,) = [one.point for one in musify.KNOWN_MOODS if one.name == mood]
    assert low <= (hue(mood_colour(*point)) + 90) % 360 - 90 <= high


def test_colours_run_on_around_the_plane() -> None:
    angles = np.radians(np.arange(0, 361, 0.5))
    hues = np.array([hue(mood_colour(np.cos(one), np.sin(one))) for one in angles])
    steps = (np.diff(hues) + 180) % 360 - 180
    assert np.abs(steps).max() < 3
    assert abs(steps.sum()) == pytest.approx(360, abs=1)


def test_colours_are_of_the_kind_that_every_program_knows() -> None:
    svg = timeline_svg(timeline(5), sheet(Path("a.wav"), 5))
    colours = re.findall(r'(?:fill|stroke)[=:]"?([^";]+)', svg)
    assert len(colours) > 10
    for colour in colours:
        assert re.fullmatch(r"#[0-9a-f]{3}|#[0-9a-f]{6}|none|currentColor", colour), colour


def test_the_scale_is_marked() -> None:
    texts = [element.text for element in parse(timeline(5)._repr_html_()).findall(".//{*}text")]
    assert {"+1", "0", "-1"} <= set(texts)


def backends() -> tuple[musify.BackendInfo, ...]:
    return type(musify.list_backends())(
        [musify.BackendInfo("mood_classifier", EVIL, EVIL * 40, EVIL)] * 3000
    )


def many_scores() -> musify.MoodScores:
    labels = tuple(f"{EVIL * 40}{place}" for place in range(43))
    values = np.random.default_rng(1).random((3000, 43))
    return musify.MoodScores(np.arange(3000.0), labels, values, np.zeros((3000, 2)))


class Evil(musify.MoodClassifier):
    labels = ("calm",)

    def classify(self, samples: object) -> musify.MoodScores:
        raise NotImplementedError

    def __repr__(self) -> str:
        return EVIL * 3000


@pytest.mark.media
@pytest.mark.parametrize(
    "make",
    [
        backends,
        many_scores,
        lambda: musify.Pipeline(mood_classifier=Evil()),
        lambda: sheet(Path(f"{EVIL.replace('/', '')}.wav"), 1, EVIL).cues[0].track,
        lambda: musify.Soundtrack(
            8000, 1, 80, lambda: iter([np.zeros((80, 1), np.float32)]), credits=EVIL
        ),
    ],
    ids=["backends", "scores", "pipeline", "track", "soundtrack"],
)
def test_whatever_is_shown_is_escaped_small_and_of_the_page_s_colours(make: Callable) -> None:
    html = make()._repr_html_()
    assert len(html.encode()) < 300_000
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "background" not in html
    assert not re.search(r'(?:src|href)="(?!data:)', html)
    parse(html)


@pytest.mark.parametrize(
    "name",
    [
        '" onmouseover="alert(1)" x="',
        "a\x00b\x08c\x1b[31m\x7f\x9b",
        "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
        "\N{POP DIRECTIONAL ISOLATE}\N{RIGHT-TO-LEFT ISOLATE}gpj.exe",
        "lone \udc80 surrogate \ud83d",
        '"' * 5000,
        "\N{MUSICAL NOTE}" * 5000,
        "]]>--></title></svg><img src=x onerror=alert(1)>",
    ],
    ids=["attribute", "control", "direction", "isolate", "surrogate", "quotes", "wide", "tags"],
)
def test_nasty_names_are_shown_as_text(name: str) -> None:
    result = type(musify.list_backends())(
        [musify.BackendInfo("mood_classifier", *[name] * 3)] * 3000
    )
    labels = tuple(f"{name}{place}" for place in range(30))
    scores = musify.MoodScores([0.0, 1.0], labels, np.full((2, 30), 0.5), np.zeros((2, 2)))
    for shown in (result, scores, timeline(100, name)):
        html = shown._repr_html_()
        assert len(html.encode("utf-8")) < 300_000
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", html)
        # Every element and attribute is one of ours.
        for element in parse(html).iter():
            assert element.tag.rpartition("}")[2] in OURS
            assert not [key for key in element.attrib if key.startswith("on")]


OURS = {
    *("div", "table", "thead", "tbody", "tr", "th", "td", "code", "p", "span", "b", "bdi"),
    *("svg", "g", "rect", "title", "text", "line", "polyline", "path"),
}


@pytest.mark.media
def test_a_track_has_a_player(songs: Path) -> None:
    track = musify.Track(songs / "calm" / "calm.wav", 3.0, artist="A & B", bpm=90, key="C major")
    html = track._repr_html_()
    assert "<audio" in html
    for words in ("calm", "A &amp; B", "90 beats", "C major", "0:03.0"):
        assert words in html


@pytest.mark.media
def test_a_video_shows_its_streams(tiny_video: Path) -> None:
    video = musify.probe(tiny_video)
    rows = parse(video._repr_html_()).findall(".//tbody/tr")
    assert len(rows) == len(video.streams)
    assert rows[video.video_index].findall("td")[-1].text.endswith("the film")
    evil = dataclasses.replace(video, path=Path(EVIL))._repr_html_()
    assert "<script" not in evil
    assert "&lt;script&gt;" in evil


def test_the_list_of_backends_is_a_tuple_with_a_table() -> None:
    listed = musify.list_backends("mood_aggregator")
    assert isinstance(listed, tuple)
    assert pickle.loads(pickle.dumps(listed)) == listed
    rows = parse(listed._repr_html_()).findall(".//tbody/tr")
    assert [row.findall("td")[1].find("code").text for row in rows] == [b.name for b in listed]


def test_scores_show_the_highest_mood_first() -> None:
    times, values = np.arange(500.0), np.tile([0.2, 0.7], (500, 1))
    html = musify.MoodScores(times, ("calm", "sad"), values)._repr_html_()
    texts = [element.text for element in parse(html).findall(".//{*}text")]
    assert texts.index("sad") < texts.index("calm")
    assert len(parse(html).findall(".//{*}rect")) == 240
    assert "no" not in musify.MoodScores([], ("calm",), np.empty((0, 1)))._repr_html_().split()
