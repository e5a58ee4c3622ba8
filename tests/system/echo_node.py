"""A node process that answers every message with its bytes turned round."""

import sys
from pathlib import Path
from threading import Event

from node.enrolment.flower_key import load_key
from node.rounds.flower import Line, serve


def main() -> None:
    address, ca, key = sys.argv[1:4]
    line = Line(address, Path(ca).read_bytes(), load_key(Path(key).read_bytes()), 0.3)
    serve(line, lambda raw: raw[::-1], Event(), lambda state: print(state, flush=True))


if __name__ == "__main__":
    main()
