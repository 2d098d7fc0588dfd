import numpy as np
import pytest

from musify.audio.pcm import PcmReader


@pytest.fixture
def pcm(rng):
    return rng.uniform(-1, 1, (100, 2)).astype(np.float32)


@pytest.mark.parametrize("sizes", [[10] * 10, [100], [99, 1], [0, 33, 0, 67]])
@pytest.mark.parametrize("reads", [[100], [7] * 14 + [2], [0, 100], [60, 40]])
def test_any_number_of_frames_is_taken(pcm, sizes, reads):
    ends = np.cumsum(sizes)
    blocks = (pcm[end - size : end] for end, size in zip(ends, sizes, strict=True))
    with PcmReader(blocks) as reader:
        parts = [reader.read(count) for count in reads]
        assert [len(part) for part in parts] == reads
        np.testing.assert_array_equal(np.concatenate(parts), pcm)
        assert len(reader.read(1)) == 0


def test_fewer_frames_at_the_end_only(pcm):
    with PcmReader(iter([pcm])) as reader:
        assert reader.read(150).shape == (100, 2)


def test_nothing_is_taken_before_it_is_asked_for(pcm):
    taken = []
    blocks = (taken.append(place) or pcm for place in range(3))
    with PcmReader(blocks) as reader:
        assert not taken
        reader.read(100)
        assert taken == [0]
        reader.read(1)
        assert taken == [0, 1]


def test_closing_ends_what_the_blocks_come_from(pcm):
    ended = []

    def blocks():
        try:
            yield pcm
        finally:
            ended.append(True)

    reader = PcmReader(blocks())
    reader.read(1)
    reader.close()
    assert ended
