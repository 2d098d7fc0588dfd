"""Every hook is exercised in this folder."""

from pathlib import Path

import pytest

from musify import get_backend, hookspecs, list_backends
from musify._registry import HOOKS
from musify.plugins import INTERFACES

ALL_HOOKS = [name for name in vars(hookspecs) if name.startswith("musify_")]


@pytest.mark.parametrize("hook", ALL_HOOKS)
def test_every_hook_is_implemented_by_a_plugin_of_a_test(hook):
    # Those of backends are written by the last test of this file.
    texts = [file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py")]
    assert hook in HOOKS.values() or any(f"def {hook}(" in text for text in texts)


def test_backends_have_a_hook_each():
    assert set(HOOKS) == set(INTERFACES)
    assert set(HOOKS.values()) < set(ALL_HOOKS)


@pytest.mark.parametrize(("kind", "hook"), HOOKS.items())
def test_a_plugin_can_offer_a_backend_of_every_kind(install, offering, kind, hook):
    interface = INTERFACES[kind]
    methods = "".join(f"    {name} = None\n" for name in sorted(interface.__abstractmethods__))
    code = offering("mine", "musify_hue:Mine", hook)
    install("musify-hue", f"{code}\nclass Mine(musify.{interface.__name__}):\n{methods}")
    offers = [offer for offer in list_backends(kind) if offer.name == "mine"]
    assert [(offer.provider, offer.summary) for offer in offers] == [
        ("musify-hue:hue", "made for a test")
    ]
    assert isinstance(get_backend(kind, "mine"), interface)
