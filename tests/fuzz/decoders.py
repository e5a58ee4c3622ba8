"""Coverage-guided fuzzing of every decoder of the secure sum. Not part of the test suite.

    pip install atheris
    PYTHONPATH=tests/protocol:tests/unit/privacy python tests/fuzz/decoders.py -max_total_time=60

The first byte of an input picks the decoder. Anything but a typed refusal or the one spelling
of what was read is a crash.
"""

import sys

import atheris

with atheris.instrument_imports(include=["privacy.secure_sum", "schemas"]):
    from test_secure_sum_decoders import DECODERS, reads_or_refuses


def one_input(raw: bytes) -> None:
    """Read one input with the decoder that its first byte picks."""
    if raw:
        reads_or_refuses(DECODERS[raw[0] % len(DECODERS)], raw[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
