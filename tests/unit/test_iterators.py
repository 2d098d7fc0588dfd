import pytest

from musify._iterators import ended


def test_a_generator_is_closed_with_the_block():
    closed = []

    def numbers():
        try:
            yield from (1, 2)
        finally:
            closed.append(True)

    with ended(numbers()) as iterator:
        assert next(iterator) == 1
        assert not closed
    assert closed


def test_an_error_closes_it_too():
    closed = []

    class Numbers:
        def __iter__(self):
            return self

        def __next__(self):
            return 1

        def close(self):
            closed.append(True)

    with pytest.raises(KeyError), ended(Numbers()):
        raise KeyError
    assert closed


def test_a_plain_iterable_need_not_be_closed():
    with ended([1, 2]) as iterator:
        assert list(iterator) == [1, 2]
