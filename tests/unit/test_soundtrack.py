import numpy as np
import pytest

from musify import MusifyError, ParameterError, Soundtrack


def soundtrack(*blocks, length=None, channels=2):
    total = sum(len(block) for block in blocks) if length is None else length
    return Soundtrack(8000, channels, total, lambda: iter(blocks))


@pytest.fixture
def noise(rng):
    return rng.uniform(-1, 1, (1000, 2)).astype(np.float32)


def test_rendering_joins_the_blocks_as_often_as_asked(noise):
    sound = soundtrack(noise[:300], noise[300:])
    np.testing.assert_array_equal(sound.render(), noise)
    np.testing.assert_array_equal(sound.render(), noise)
    assert sound.duration == 1000 / 8000


def test_no_sound_at_all():
    assert soundtrack().render().shape == (0, 2)


def test_the_hash_is_of_the_sound_not_of_its_blocks(noise):
    split = soundtrack(noise[:300], noise[300:])
    assert split.sha256() == soundtrack(noise).sha256()
    assert split.sha256() != soundtrack(noise[::-1]).sha256()
    # A block need not be contiguous in memory.
    assert soundtrack(noise[::2]).sha256() == soundtrack(noise[::2].copy()).sha256()


@pytest.mark.parametrize("length", [999, 1001])
def test_the_length_is_kept(noise, length):
    with pytest.raises(MusifyError, match=f"gave 1000 PCM frames instead of {length}"):
        soundtrack(noise, length=length).render()


@pytest.mark.parametrize(
    "block",
    [np.zeros((5, 2)), np.zeros((5, 1), np.float32), np.zeros(5, np.float32)],
    ids=["float64", "mono", "flat"],
)
def test_blocks_have_one_kind(block):
    with pytest.raises(MusifyError, match=r"float32 \(n, 2\) is the rule"):
        soundtrack(block).render()


def test_stopping_early_closes_the_source(noise):
    closed = []

    def source():
        try:
            yield noise
            yield noise
        finally:
            closed.append(True)

    blocks = Soundtrack(8000, 2, 2000, source).blocks()
    next(blocks)
    assert not closed
    blocks.close()
    assert closed


@pytest.mark.parametrize("wrong", [(0, 2, 1), (8000, 0, 1), (8000, 9, 1), (8000, 2, -1)])
def test_refused(wrong):
    with pytest.raises(ParameterError, match="sample_rate > 0, 1 to 8 channels and length >= 0"):
        Soundtrack(*wrong, lambda: iter(()))


@pytest.mark.parametrize("channels", [1, 2])
def test_pydub_gets_the_same_sound_in_16_bits(noise, channels):
    loud = 1.5 * noise[:, :channels]
    segment = soundtrack(loud.astype(np.float32), channels=channels).to_pydub()
    assert (segment.frame_rate, segment.channels, segment.sample_width) == (8000, channels, 2)
    pcm = np.array(segment.get_array_of_samples()).reshape(-1, channels) / 32767
    # Louder than full scale is clipped, never wrapped around.
    np.testing.assert_allclose(pcm, np.clip(loud, -1, 1), atol=0.51 / 32767)
