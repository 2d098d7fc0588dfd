import pytest

from musify import Mood, ParameterError
from musify._shell_moods import read_moods


def test_moods_by_name_point_and_words():
    calm, spooky, woods = read_moods(["calm", "spooky=-0.4,0.5", "woods=a scary night"])
    assert calm == Mood.named("calm")
    assert spooky == Mood("spooky", -0.4, 0.5)
    assert woods == Mood.from_words("a scary night", name="woods")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("xyzzy", r"no mood is called 'xyzzy'.*; or give a point: --mood xyzzy=0\.2,-0\.3$"),
        ("spooky=", "NAME=VALENCE,AROUSAL"),
        ("=0,0", "NAME=VALENCE,AROUSAL"),
        ("spooky=2,0", r"must be in \[-1, 1\]"),
        ("spooky=1.2.3,0", "spooky=1.2.3,0"),
        ("spooky=qwrtz plmkt", r"'qwrtz'.* joyful; or give a point: --mood spooky=0\.2,-0\.3$"),
    ],
)
def test_what_is_refused(text, words):
    with pytest.raises(ParameterError, match=words):
        read_moods([text])
