"""The coordinator's database: SQLite on one machine, PostgreSQL in production.

centres    invitations, enrolled centres, signed documents, links
signed_documents  the roster and programme that a round comes under
rounds     state of each round and everything nodes said in it
releases   published releases and their figures
"""

from coordinator.store.database import CoordinatorStore

__all__ = ["CoordinatorStore"]
