"""One import from its rules to the store, whoever asks for it: a command, or a watched folder."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from chassis.store import settings
from node.admission.eligibility import Eligibility, eligibility, remembered
from node.importing.checking import Reading
from node.importing.commit import Imported, Source, check_holds_clients, commit
from node.importing.fields import Rules
from node.importing.mapping import MappingFile
from node.importing.questionnaires import questionnaire_named
from node.importing.remembered import remember
from node.store import NodeStore
from schemas.questionnaire import built_in


@dataclass(frozen=True, slots=True)
class Done:
    """What an import did, and who was counted before it and is after it."""

    imported: Imported
    before: Eligibility
    after: Eligibility


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: the name of a file or table, its SHA-256, and how it was read."""

    name: str
    digest: str
    mapping: MappingFile


def rules_of(store: NodeStore, described: MappingFile | None, today: date) -> Rules:
    """Return what the check depends on: today, the questionnaire, a basis for special data."""
    name = described.file.questionnaire if described else "werkgeluk-1"
    with store.begin() as connection:
        check_holds_clients(connection)  # before a file of clients is read
        questionnaire = questionnaire_named(connection, name)
        basis = settings.get(connection, "special_category_basis")
    revision = described.file.nace_revision if described else None
    return Rules(today, revision, questionnaire, special_category=basis is not None)


def rules_without_store(today: date) -> Rules:
    """The same where there is no store yet."""
    return Rules(today, None, built_in())


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def bring_in(
    store: NodeStore, reading: Reading, origin: Origin, now: datetime,
    random_bytes: Callable[[int], bytes], *, rehearse: bool = False,
) -> Done:  # fmt: skip
    """Add records to the store; a rehearsal does all of it and takes it back.

    Raises what `commit` raises.
    """
    described = Source(origin.name, origin.digest, reading.columns, reading.places)
    today, at = now.date(), int(now.timestamp())
    with store.begin() as connection:
        before = remembered(connection, today)
        with connection.begin_nested() as attempt:
            imported = commit(connection, reading.trajectories, described, at, random_bytes)
            remember(connection, origin.mapping, at)
            if rehearse:
                after = eligibility(connection, today)
                attempt.rollback()
            else:
                after = remembered(connection, today)
    return Done(imported, before, after)
