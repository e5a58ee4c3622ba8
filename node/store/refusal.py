"""Why a store cannot be used.

StoreError
├── StoreExists    `init` was run here before
├── StoreMissing   `init` was not run here
├── StoreLocked    the key does not open the file
└── StoreBusy      another process holds the file
"""

from chassis.errors import Refusal


class StoreError(Refusal, RuntimeError):
    """The store cannot be used as asked. Nothing in it was changed."""

    code = "store"
    exit_code = 4


class StoreExists(StoreError):
    """There is a store in this folder already."""

    code = "store-exists"


class StoreMissing(StoreError):
    """There is no store in this folder."""

    code = "store-missing"


class StoreLocked(StoreError):
    """The key does not open the store."""

    code = "store-locked"


class StoreBusy(StoreError):
    """Another process kept writing for longer than this one waits."""

    code = "store-busy"
