"""Write the tutorial's sample file: `python -m deploy.demo.sample [FOLDER]`.

200 trajectories of 196 synthetic clients of one invented centre; six clients without consent.
"""

import sys
from pathlib import Path

import pandas as pd

from deploy.demo.centres import CENTRES
from deploy.demo.clients import generate
from deploy.demo.files import write_file

SEED = 196
_CLIENTS_WITH_CONSENT = 190
_FOLDER = Path(__file__).parent.parent / "sample"


def sample() -> pd.DataFrame:
    """Return the 200 rows, as `clients.generate` returns them, all in centre 0."""
    frame = generate(SEED, _CLIENTS_WITH_CONSENT)
    frame = frame.sort_values(["started_on", "centre", "client_ref"], ignore_index=True)
    client = frame.groupby(["centre", "client_ref"], sort=False).ngroup()
    return frame.assign(
        centre=0,
        client_ref=[f"{number + 1:05d}" for number in client],
        trajectory_ref=[f"2024-{number + 1:04d}" for number in range(len(frame))],
    )


def write_sample(folder: Path = _FOLDER) -> tuple[Path, Path]:
    """Write klanten-200.csv and its mapping into `folder`; returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "klanten-200.csv"
    return path, write_file(sample(), CENTRES[0].keeping, path, title="Voorbeeldcentrum")


if __name__ == "__main__":
    for written in write_sample(*(Path(word) for word in sys.argv[1:2])):
        sys.stdout.write(f"{written}\n")
