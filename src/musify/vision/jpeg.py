"""Pictures as JPEG, without another library and without a process.

Baseline JPEG as ITU-T T.81 [1]_ describes it, in a JFIF file: colours as luma and chroma (BT.601,
full range), chroma at half the size each way, the example tables of annex K. All blocks of a
picture are worked on at once: about 4 ms for 320x180.

References
----------
.. [1] ITU-T Recommendation T.81 (ISO/IEC 10918-1), "Digital compression and coding of
   continuous-tone still images", 1992: A.3.3 (transform), annex F (coding), annex K (tables).
.. [2] ITU-T Recommendation T.871, "JPEG File Interchange Format (JFIF)", 2011: clause 7 (colours).
"""

from functools import cache, lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify._checks import whole_number
from musify.errors import ParameterError
from musify.vision.resize import require_image

__all__ = ["to_jpeg"]

_Floats: TypeAlias = NDArray[np.float32]
_Integers: TypeAlias = NDArray[np.signedinteger]

_MOST_PIXELS: Final = 65_535  # of a side: it has 16 bits
_SIDE: Final = 8
_UNIT: Final = 16  # pixels a side of what is coded together: four blocks of luma, two of chroma
_BLOCKS_A_UNIT: Final = 6

# Tables K.1 and K.2, in the order of the file (figure A.6).
_LUMA_STEPS: Final = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933383740485c4e404457453738506d5157"
    "5f626768673e4d71797064785c656763"
)
_CHROMA_STEPS: Final = bytes.fromhex("1112121815182f1a1a2f6342384263" + "63" * 49)
# Tables K.3 to K.6: how many codes there are of 1 to 16 bits, then what they stand for.
_LUMA_DC: Final = bytes.fromhex("00010501010101010100000000000000000102030405060708090a0b")
_CHROMA_DC: Final = bytes.fromhex("00030101010101010101010000000000000102030405060708090a0b")
_LUMA_AC: Final = bytes.fromhex(
    "0002010303020403050504040000017d"
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728"
    "292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a83848586878889"
    "8a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2"
    "e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
_CHROMA_AC: Final = bytes.fromhex(
    "00020102040403040705040400010277"
    "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a26"
    "2728292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a828384858687"
    "88898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9da"
    "e2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)
_SIXTEEN_ZEROS: Final = 0xF0
_NOTHING_MORE: Final = 0x00
_RED, _GREEN, _BLUE = np.float32(0.299), np.float32(0.587), np.float32(0.114)  # of luma


def to_jpeg(image: NDArray[np.uint8], quality: int = 90) -> bytes:
    """Write a picture as a JPEG file.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
        RGB; up to 65,535 pixels a side.
    quality : int, default 90
        1 to 100, on the scale of libjpeg: at 50 the steps of annex K, at 100 steps of 1.

    Returns
    -------
    bytes
        A whole file.

    Raises
    ------
    ParameterError
        If the image has another shape or type, a side is too long, or ``quality`` is out of range.

    Examples
    --------
    >>> to_jpeg(np.zeros((9, 16, 3), np.uint8))[:3].hex()
    'ffd8ff'
    """
    require_image(image)
    height, width = image.shape[:2]
    if max(height, width) > _MOST_PIXELS:
        raise ParameterError(f"a JPEG holds {_MOST_PIXELS} pixels a side, got {width}x{height}")
    quality = whole_number("quality", quality, low=1)
    if quality > 100:
        raise ParameterError(f"quality must be in [1, 100], got {quality}")
    luma, chroma = _blocks(image)
    luma_steps, luma_transform = _transform(_LUMA_STEPS, quality)
    chroma_steps, chroma_transform = _transform(_CHROMA_STEPS, quality)
    scan = _scan(_quantised(luma, luma_transform), _quantised(chroma, chroma_transform))
    return _head(width, height, luma_steps, chroma_steps) + scan + b"\xff\xd9"


def _blocks(image: NDArray[np.uint8]) -> tuple[_Floats, _Floats]:
    """Give blocks of luma ``(n, 4, 64)`` and of chroma ``(n, 2, 64)`` around 0, unit by unit."""
    height, width = image.shape[:2]
    rows, columns = -(-height // _UNIT), -(-width // _UNIT)
    spare = ((0, rows * _UNIT - height), (0, columns * _UNIT - width), (0, 0))
    padded = np.pad(image, spare, mode="edge")
    red, green, blue = (padded[..., channel].astype(np.float32) for channel in range(3))
    luma = _RED * red + _GREEN * green + _BLUE * blue
    tall = luma - 128
    blocks = tall.reshape(rows, 2, _SIDE, columns, 2, _SIDE).transpose(0, 3, 1, 4, 2, 5)
    chroma = np.empty((rows, columns, 2, _SIDE, _SIDE), np.float32)
    for place, (colour, share) in enumerate(((blue, _BLUE), (red, _RED))):
        half = (colour - luma).reshape(rows * _SIDE, 2, columns * _SIDE, 2)
        # Adding four views is much quicker than a mean over two short axes.
        small = half[:, 0, :, 0] + half[:, 0, :, 1] + half[:, 1, :, 0] + half[:, 1, :, 1]
        small *= np.float32(0.5 / (1 - share) / 4)
        chroma[:, :, place] = small.reshape(rows, _SIDE, columns, _SIDE).swapaxes(1, 2)
    return (
        np.ascontiguousarray(blocks).reshape(-1, 4, 64),
        chroma.reshape(-1, 2, 64),
    )


def _quantised(blocks: _Floats, transform: _Floats) -> _Integers:
    # As many small products: of one large one BLAS would make work for several threads, and those
    # wait for each other longer than they work.
    whole: _Integers = np.rint(np.matmul(blocks, transform)).astype(np.int32)
    np.clip(whole, -1023, 1023, out=whole)
    return whole


@lru_cache(maxsize=8)
def _transform(steps: bytes, quality: int) -> tuple[bytes, _Floats]:
    """Scale steps, and give the matrix that transforms and divides blocks ``(n, 64)`` by them."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    scaled = np.clip((np.frombuffer(steps, np.uint8).astype(int) * scale + 50) // 100, 1, 255)
    frequency, place = np.mgrid[:_SIDE, :_SIDE]
    cosines = np.cos((2 * place + 1) * frequency * np.pi / 16) / 2
    cosines[0] /= np.sqrt(2)
    both = np.kron(cosines, cosines)[_order()] / scaled[:, None]
    return bytes(scaled.astype(np.uint8)), np.ascontiguousarray(both.T, np.float32)


@cache
def _order() -> _Integers:
    """Places in a block, in the order of figure A.6: diagonal after diagonal, to and fro."""
    places = [(row, column) for row in range(_SIDE) for column in range(_SIDE)]
    places.sort(key=lambda at: (sum(at), at[0] if sum(at) % 2 else at[1]))
    return np.array([row * _SIDE + column for row, column in places])


def _scan(luma: _Integers, chroma: _Integers) -> bytes:
    """Code the coefficients ``(n, 4, 64)`` and ``(n, 2, 64)`` of all units."""
    blocks = np.concatenate([luma, chroma], axis=1).reshape(-1, 64)
    is_chroma = np.tile(np.arange(_BLOCKS_A_UNIT, dtype=np.int32) >= 4, len(luma)).astype(np.int32)
    differences = [
        np.diff(plane[..., 0].ravel(), prepend=0).reshape(len(luma), -1)
        for plane in (luma, chroma[:, :1], chroma[:, 1:])
    ]
    dc_bits, dc_lengths = _coded(is_chroma, 0, np.hstack(differences).ravel())

    is_there = blocks != 0
    is_there[:, 0] = False
    places = np.flatnonzero(is_there)
    block, place = places >> 6, places & 63
    is_first = np.diff(block, prepend=-1) != 0
    zeros = place - np.where(is_first, 0, np.concatenate([[0], place[:-1]])) - 1
    values = blocks.reshape(-1)[places]
    ac_bits, ac_lengths = _coded(is_chroma[block] + 2, (zeros & 15) << 4, values)

    # Where nothing follows in a block, that is said; it is joined to what comes last.
    counts = np.bincount(block, minlength=len(blocks))
    last = np.flatnonzero(np.diff(block, append=len(blocks)) != 0)
    last = last[place[last] < 63]
    ac_bits[last], ac_lengths[last] = _with_end(
        ac_bits[last], ac_lengths[last], is_chroma[block[last]]
    )
    bare = np.flatnonzero(counts == 0)
    dc_bits[bare], dc_lengths[bare] = _with_end(dc_bits[bare], dc_lengths[bare], is_chroma[bare])

    # A run of sixteen zeros or more is told in codes of its own before what ends it.
    runs = zeros >> 4
    runs_so_far = np.cumsum(runs)
    order = np.arange(len(places)) + block + 1 + runs_so_far
    total = len(blocks) + len(places) + int(runs.sum())
    bits, lengths = np.empty(total, np.int64), np.empty(total, np.int64)
    before = np.cumsum(counts) - counts
    runs_before = np.concatenate([[0], runs_so_far])[before]
    start = before + np.arange(len(blocks)) + runs_before
    bits[start], lengths[start] = dc_bits, dc_lengths
    bits[order], lengths[order] = ac_bits, ac_lengths
    codes = _codes()
    for count in (1, 2, 3):
        long = np.flatnonzero(runs >= count)
        code = codes[((is_chroma[block[long]] + 2) << 8) + _SIXTEEN_ZEROS]
        bits[order[long] - count], lengths[order[long] - count] = code >> 8, code & 255
    return _packed(bits, lengths)


def _coded(
    tables: _Integers, zeros: _Integers | int, values: _Integers
) -> tuple[_Integers, _Integers]:
    """Give bits and their number for values, each after its code."""
    sizes = _sizes()[np.abs(values)]
    codes = _codes()[(tables << 8) + zeros + sizes]
    # F.1.2.1: a negative value is its ones' complement.
    extra = np.where(values < 0, values + (1 << sizes) - 1, values)
    return ((codes >> 8) << sizes) + extra, (codes & 255) + sizes


def _with_end(
    bits: _Integers, lengths: _Integers, is_chroma: _Integers
) -> tuple[_Integers, _Integers]:
    codes = _codes()[((is_chroma + 2) << 8) + _NOTHING_MORE]
    return (bits << (codes & 255)) + (codes >> 8), lengths + (codes & 255)


@cache
def _sizes() -> _Integers:
    """Bits that a value of each magnitude has."""
    return np.array([number.bit_length() for number in range(2048)], np.int64)


@cache
def _codes() -> _Integers:
    """Give ``code * 256 + length`` of every symbol, table by table: see :func:`_head`."""
    codes = np.zeros(4 * 256, np.int64)
    for table, written in enumerate((_LUMA_DC, _CHROMA_DC, _LUMA_AC, _CHROMA_AC)):
        code, place = 0, 16
        for length, count in enumerate(written[:16], start=1):  # annex C
            for symbol in written[place : place + count]:
                codes[(table << 8) + symbol] = (code << 8) + length
                code += 1
            place += count
            code <<= 1
    return codes


def _packed(bits: _Integers, lengths: _Integers) -> bytes:
    """Lay numbers of some bits each one after the other, the highest bit first."""
    ends = np.cumsum(lengths)
    starts = ends - lengths
    total = int(ends[-1])
    # At most 30 bits from anywhere in a word of 32 lie in that word and the next.
    both = bits.astype(np.uint64) << (64 - (starts & 31) - lengths).astype(np.uint64)
    words = starts >> 5
    first = np.flatnonzero(np.diff(words, prepend=-1))
    packed = np.zeros((total >> 5) + 2, np.uint64)
    # No two share a bit, so adding them is joining them.
    sums = np.add.reduceat(both >> np.uint64(32), first)
    packed[words[first]] += sums
    packed[words[first] + 1] += np.add.reduceat(both & np.uint64(0xFFFFFFFF), first)
    data = bytearray(packed.astype(">u4").tobytes()[: (total + 7) >> 3])
    data[-1] |= (1 << (-total % 8)) - 1  # F.1.2.3: the rest of the last byte is ones
    return bytes(data).replace(b"\xff", b"\xff\x00")


def _head(width: int, height: int, luma_steps: bytes, chroma_steps: bytes) -> bytes:
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    head = b"\xff\xd8" + _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    head += _segment(0xDB, b"\0" + luma_steps + b"\1" + chroma_steps)
    head += _segment(0xC0, b"\x08" + size + b"\3\1\x22\0\2\x11\1\3\x11\1")
    for name, table in zip(
        (0x00, 0x01, 0x10, 0x11), (_LUMA_DC, _CHROMA_DC, _LUMA_AC, _CHROMA_AC), strict=True
    ):
        head += _segment(0xC4, bytes([name]) + table)
    return head + _segment(0xDA, b"\3\1\0\2\x11\3\x11\0\x3f\0")


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content
