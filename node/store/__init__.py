"""A centre's own database: one encrypted file.

`NodeStore.begin` is one durable transaction; the modules beside this one are the only places
that know its tables:

    records           trajectories and the files they came from
    budget            charges and the counted register
    rounds            prekeys, links, and what was said in each round
    signed_documents  roster, programme
    egress_log        what left, byte for byte
    stuck_rounds      rounds that never ended, and the keys they kept
    summary           how much there is, read without SQLAlchemy
    backup            the file a centre keeps elsewhere
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from node.store.database import NodeStore

__all__ = ["NodeStore"]


def __getattr__(name: str) -> Any:
    """Load SQLAlchemy when a store is opened, not when a command only looks."""
    if name == "NodeStore":
        from node.store.database import NodeStore

        return NodeStore
    raise AttributeError(name)
