"""A token stops what runs in its block, in the thread that entered it, and nothing else."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import musify
from musify import CancelledError, CancelToken, ParameterError, Soundtrack
from musify.cancelling import (
    abandoning,
    breaking_off,
    checkpoint,
    current_token,
    in_this_context,
    pause,
)


def test_without_a_token_there_is_nothing_to_check():
    checkpoint()
    assert current_token() is None


def test_a_token_holds_in_its_block_alone():
    token = CancelToken()
    assert not token.cancelled
    with token:
        checkpoint()
        token.cancel()
        token.cancel()
        with pytest.raises(CancelledError, match="cancelled"):
            checkpoint()
    checkpoint()
    assert token.cancelled
    assert "cancelled" in repr(token)
    with pytest.raises(CancelledError):
        token.raise_if_cancelled()


def test_a_cancelled_token_stays_so():
    token = CancelToken()
    token.cancel()
    with token, pytest.raises(CancelledError):
        musify.compose("happy 10s")


def test_tokens_nest():
    outer, inner = CancelToken(), CancelToken()
    with outer:
        with inner, inner:
            assert current_token() is inner
        assert current_token() is outer
    assert current_token() is None


def test_leaving_what_was_not_entered_is_refused():
    with pytest.raises(ParameterError, match="thread that entered it"):
        CancelToken().__exit__(None, None, None)


def test_another_thread_is_not_stopped_but_one_that_works_for_this_is():
    token = CancelToken()
    token.cancel()
    with token, ThreadPoolExecutor(1) as pool:
        pool.submit(checkpoint).result()
        with pytest.raises(CancelledError):
            pool.submit(in_this_context(checkpoint)).result()


def test_a_pause_ends_at_once():
    token = CancelToken()
    threading.Timer(0.05, token.cancel).start()
    begun = time.monotonic()
    with token, pytest.raises(CancelledError):
        pause(30)
    assert time.monotonic() - begun < 1
    pause(0)  # without a token


def test_sound_that_is_being_rendered_ends_at_the_next_block():
    token = CancelToken()
    given = []

    def source():
        for number in range(10):
            given.append(number)
            if number == 2:
                token.cancel()
            yield np.zeros((10, 2), np.float32)

    with token, pytest.raises(CancelledError):
        Soundtrack(48_000, 2, 100, source).render()
    assert given == [0, 1, 2]


def test_what_is_gone_is_not_ended():
    token, ended = CancelToken(), []

    class Owner:
        pass

    kept, dropped = Owner(), Owner()
    token._end_with(kept, lambda: ended.append("kept"))
    token._end_with(dropped, lambda: ended.append("dropped"))
    del dropped
    token.cancel()
    assert ended == ["kept"]
    token._end_with(kept, lambda: ended.append("late"))
    assert ended == ["kept", "late"]


def soon(token):
    threading.Timer(0.1, token.cancel).start()
    return token


def test_a_wait_is_broken_off_and_nothing_afterwards():
    token, ended = CancelToken(), threading.Event()
    begun = time.monotonic()

    def read():
        ended.wait(30)
        raise OSError("what a connection says that is closed from outside")

    with soon(token), pytest.raises(CancelledError), breaking_off(ended.set):
        read()
    assert time.monotonic() - begun < 1

    token, ended = CancelToken(), threading.Event()
    with token:
        with breaking_off(ended.set):
            pass
        with pytest.raises(OSError, match="mine"), breaking_off(ended.set):
            raise OSError("mine")
    assert not token._ends, "a token that lives long would gather what is over"
    token.cancel()
    assert not ended.is_set()
    with breaking_off(ended.set):  # without a token
        pass


def test_what_cannot_be_ended_is_left_and_what_comes_of_it_dropped():
    token, goes_on, dropped = CancelToken(), threading.Event(), []
    over = threading.Event()

    def stubborn(what):
        goes_on.wait(30)
        return what

    def drop(what):
        dropped.append(what)
        over.set()

    begun = time.monotonic()
    with soon(token), pytest.raises(CancelledError):
        abandoning(stubborn, drop)("late")
    assert time.monotonic() - begun < 1
    assert dropped == []
    goes_on.set()
    assert over.wait(5)
    assert dropped == ["late"]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers that interrupt")
@pytest.mark.parametrize(
    "waits", [lambda over: pause(30), lambda over: abandoning(over.wait, print)(30)]
)
def test_a_handler_of_a_signal_may_cancel(waits):
    token, over, before = CancelToken(), threading.Event(), signal.getsignal(signal.SIGALRM)
    signal.signal(signal.SIGALRM, lambda *_: token.cancel())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        begun = time.monotonic()
        with token, pytest.raises(CancelledError):
            waits(over)
        assert time.monotonic() - begun < 1
    finally:
        over.set()
        signal.signal(signal.SIGALRM, before)


def test_what_is_not_left_gives_what_it_gives():
    def divide(one, by):
        checkpoint()
        return threading.current_thread(), one / by

    call = abandoning(divide, drop=pytest.fail)
    assert call(1, by=2) == (threading.current_thread(), 0.5)
    with CancelToken() as token:
        thread, half = call(1, by=2)
        assert (thread is threading.current_thread(), half) == (False, 0.5)
        with pytest.raises(ZeroDivisionError):
            call(1, by=0)
        token.cancel()
        with pytest.raises(CancelledError):
            call(1, by=2)
