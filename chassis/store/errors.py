"""Why a store cannot be used. Without SQLAlchemy: commands that only look load none of it.

StoreError
├── StoreExists      one was made here before
├── StoreMissing     none was made here
├── StoreLocked      the key does not open the file
├── StoreBusy        another process holds the file
├── StoreUnreadable  the database is damaged, or does not answer
└── StoreTooNew      a newer version of this program made it
"""

from chassis.errors import NotYet


class StoreError(NotYet):
    """The store cannot be used as asked. Nothing in it was changed."""

    code = "store"


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


class StoreUnreadable(StoreError):
    """The database is damaged, or does not answer."""

    code = "store-unreadable"


class StoreTooNew(StoreError):
    """A newer version of this program made it."""

    code = "store-too-new"

    def __init__(self) -> None:
        super().__init__(
            "The store was made by a newer version of this program. Nothing was changed. Install "
            "that version."
        )
