import pytest

from musify import BackendSpec, ParameterError


@pytest.mark.parametrize("name", ["hue", "letter-code", "a1-b2-c3", "3d"])
def test_names(name):
    assert BackendSpec(name, "a.b:C").name == name


@pytest.mark.parametrize("name", ["", "Hue", "a_b", "a--b", "-a", "a-", "a b", "ä", "a\n", None])
def test_names_refused(name):
    with pytest.raises(ParameterError, match="lower case letters, digits and hyphens, got"):
        BackendSpec(name, "a.b:C")


@pytest.mark.parametrize("factory", ["a.b", "a.b:", ":C", "a:b:c", ""])
def test_factories_refused(factory):
    with pytest.raises(ParameterError, match=r"factory of 'hue' must be 'package\.module:Class'"):
        BackendSpec("hue", factory)


def test_a_factory_can_be_called():
    assert BackendSpec("hue", dict).factory is dict
    with pytest.raises(ParameterError, match="factory of 'hue' cannot be called: 3"):
        BackendSpec("hue", 3)
