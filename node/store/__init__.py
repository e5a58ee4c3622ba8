"""A centre's own database: one encrypted file.

`NodeStore.begin` is one durable transaction; the modules beside this one are the only places
that know its tables:

    records     trajectories and the files they came from
    budget      charges and the counted register
    rounds      prekeys, links, and what was said in each round
    papers      roster, programme, settings
    trail       the egress log and the hash-chained audit log
"""

from node.store.database import NodeStore, StoreError

__all__ = ["NodeStore", "StoreError"]
