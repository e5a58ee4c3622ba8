"""Tables of a new store, and those of an older one brought up to date by Alembic."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, text

from chassis.store import tables
from chassis.store.errors import StoreTooNew

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Migrations:
    """Those of one server. `versions`: their folder; `head`: the last of them."""

    versions: Path
    head: str
    metadata: MetaData

    def make_tables(self, engine: Engine) -> None:
        """A new store starts at `head`: as if every migration had run, without loading Alembic."""
        version = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
        with engine.begin() as connection:
            tables.metadata.create_all(connection)
            self.metadata.create_all(connection)
            connection.execute(text(version))
            connection.execute(
                text("INSERT INTO alembic_version VALUES (:head)"), {"head": self.head}
            )

    def bring_up_to_date(self, engine: Engine, at: str | None) -> None:
        """Run what is missing after version `at`. Raises StoreTooNew."""
        if at is not None and at > self.head:
            raise StoreTooNew
        if at != self.head:
            self.run(engine)

    def run(self, engine: Engine) -> None:
        """Run every migration that was not run."""
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(_HERE))
        config.set_main_option("version_locations", str(self.versions))
        config.set_main_option("path_separator", "newline")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def version_of(connection: Connection) -> str | None:
    """The last migration that a store has seen."""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
