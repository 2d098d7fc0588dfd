import pytest

from musify import ParameterError
from musify._json import json_text, parse


def test_each_kind_of_value_is_read():
    node = parse('{"a": 1, "b": [2.5], "c": "x", "d": null}', "plan").keys(("a", "b", "c", "d"))
    assert node["a"].integer(0, 1) == 1
    assert [item.number() for item in node["b"].items()] == [2.5]
    assert node["c"].text() == "x"
    assert node["c"].choice(("x", "y")) == "x"
    assert node["d"].is_null
    assert not node["a"].is_null


def test_a_path_names_keys_and_places():
    node = parse('{"a": [{"b": [0, true]}]}', "plan")
    inner = next(node.keys(("a",))["a"].items()).keys(("b",))["b"]
    assert [item.path for item in inner.items()] == ["a[0].b[0]", "a[0].b[1]"]


@pytest.mark.parametrize(
    ("text", "read", "message"),
    [
        ("3", lambda node: node.keys(()), "plan: the document must be an object, got 3"),
        ('{"a": 1}', lambda node: node.keys(("b",)), "plan: a is not a known key; there are b"),
        ("{}", lambda node: node.keys(("a",)), "plan: a is missing"),
        ("3", lambda node: list(node.items()), "must be a list, got 3"),
        ("true", lambda node: node.number(), "must be a number, got True"),
        ("NaN", lambda node: node.number(), "must be a number, got nan"),
        ("3", lambda node: node.number(low=4), "must be at least 4, got 3"),
        ("3", lambda node: node.number(0, 1), "must be from 0 to 1, got 3"),
        ("3.0", lambda node: node.integer(0, 9), "a whole number from 0 to 9, got 3.0"),
        ("true", lambda node: node.integer(0, 9), "a whole number from 0 to 9, got True"),
        ('""', lambda node: node.text(), "must be text, got ''"),
        ("1", lambda node: node.choice((True,)), "must be True, got 1"),
        (f'"{"x" * 99}"', lambda node: node.number(), r"got 'x{56}\.\.\."),
    ],
)
def test_what_should_have_stood_there(text, read, message):
    with pytest.raises(ParameterError, match=message):
        read(parse(text, "plan"))


def test_it_is_written_for_people_and_read_back_the_same():
    value = {
        "rows": [[0, 0.1], [1, "Dm", True, None]],
        "words": ["first", "second"],
        "empty": [[], {}],
        "numbers": [1, 2.5],
        "deep": {"\U0001f600": "\u00e9"},
    }
    text = json_text(value)
    assert parse(text, "plan").value == value
    assert text.splitlines()[:8] == [
        "{",
        '  "rows": [',
        "    [0, 0.1],",
        '    [1, "Dm", true, null]',
        "  ],",
        '  "words": [',
        '    "first",',
        '    "second"',
    ]
    assert '  "numbers": [1, 2.5],' in text


def test_the_name_of_a_file_that_is_no_text_can_be_written():
    name = b"caf\xe9.wav".decode("utf-8", "surrogateescape")
    text = json_text({"path": name, "title": "caf\u00e9"})
    assert text.encode("utf-8")
    assert "caf\u00e9" in text
    assert parse(text, "plan").value["path"] == name


def test_what_json_cannot_hold_is_not_written():
    with pytest.raises(ValueError, match="JSON"):
        json_text({"a": [float("nan")]})


def test_names_that_somebody_chose_are_no_keys():
    node = parse('{"scores": {"any": 1, "name": 2}}', "plan").keys(("scores",))["scores"]
    assert [(name, item.path) for name, item in node.entries()] == [
        ("any", "scores.any"),
        ("name", "scores.name"),
    ]
    with pytest.raises(ParameterError, match="must be an object"):
        list(parse("[]", "plan").entries())
