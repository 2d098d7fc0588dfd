import logging
import threading

import pytest

from musify import notify
from musify.notices import collect_notices


def test_a_notice_is_collected_in_order_and_logged_once(caplog):
    with collect_notices() as notices:
        notify("100 % of it")
        notify("second")
    assert notices == ["100 % of it", "second"]
    assert [(r.name, r.levelno, r.getMessage()) for r in caplog.records] == [
        ("musify", logging.WARNING, "100 % of it"),
        ("musify", logging.WARNING, "second"),
    ]


def test_outside_a_block_it_reaches_the_log_only(caplog):
    with collect_notices() as notices:
        pass
    notify("late")
    assert notices == []
    assert caplog.messages == ["late"]


def test_an_inner_block_keeps_its_notices_to_itself():
    with collect_notices() as outer:
        with collect_notices() as inner:
            notify("inner")
        notify("outer")
    assert (outer, inner) == (["outer"], ["inner"])


def test_a_block_ends_with_an_error_too():
    with collect_notices() as outer:
        with pytest.raises(KeyError), collect_notices():
            raise KeyError
        notify("outer")
    assert outer == ["outer"]


def test_two_runs_at_once_do_not_mix():
    collected = {}
    both_inside = threading.Barrier(2)

    def run(name):
        with collect_notices() as notices:
            both_inside.wait(10)
            notify(name)
            both_inside.wait(10)
        collected[name] = notices

    threads = [threading.Thread(target=run, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert collected == {"a": ["a"], "b": ["b"]}
