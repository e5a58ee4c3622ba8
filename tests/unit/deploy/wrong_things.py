"""Files and folders that no command can use, with a person's data in them."""

import json
from pathlib import Path

DATA = "Grietje Geheim 85.07.30-033.28"


def lay_wrong_things(inside: Path, release: bytes) -> None:
    """Make the folder and all that lies in it."""
    inside.mkdir()
    (inside / "empty").touch()
    (inside / "binary").write_bytes(bytes(range(256)) * 30 + DATA.encode())
    (inside / "another").write_text(json.dumps({DATA: 1, "signer": DATA, "body": DATA}))
    (inside / "truncated").write_bytes(release[:2_000])
    (inside / "listed").write_text(json.dumps([DATA]))
    (inside / "typed").write_text(f"{DATA}\n" * 3)
    with (inside / "huge").open("wb") as sparse:
        sparse.truncate(2**40)
    (inside / "folder").mkdir()
    (inside / "junk").mkdir()
    for name in ("coordinator.db", "node.db", "authority.key", "coordinator.key"):
        (inside / "junk" / name).write_bytes(b"junk" * 999)
    (inside / "junk" / "node.key").write_bytes(b"k" * 32)
