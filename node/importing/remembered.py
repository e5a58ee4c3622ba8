"""What an owner chose for a kind of file, kept in the encrypted store for the next file of it."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field, TypeAdapter

from chassis.store import settings
from node.importing.column_proposal import ColumnProposal
from node.importing.mapping import MappingFile
from node.importing.planning import by_column
from node.importing.proposal import IGNORED, Proposal
from node.store.database import Connection
from schemas.document import Document

_SETTING = "mapping_sources"
_MOST_KEPT, _ALIKE = 40, 0.6


class RememberedMapping(Document):
    """A mapping with which a file was read; `at`: when, Unix seconds."""

    mapping: MappingFile
    at: int = Field(ge=0)


_KEPT = TypeAdapter(tuple[RememberedMapping, ...])


def remember(connection: Connection, mapping: MappingFile, at: int) -> None:
    """Keep a mapping that read a file, in place of one for the same columns."""
    columns = by_column(mapping).keys()
    others = [one for one in _kept(connection) if by_column(one.mapping).keys() != columns]
    kept = (*others, RememberedMapping(mapping=mapping, at=at))[-_MOST_KEPT:]
    settings.put(connection, _SETTING, _KEPT.dump_json(kept, exclude_defaults=True))


def recall(connection: Connection, columns: Sequence[str]) -> RememberedMapping | None:
    """Return the newest mapping whose columns are most like these, if they are much alike."""
    best: tuple[float, RememberedMapping] | None = None
    for one in _kept(connection):
        known = set(by_column(one.mapping))
        alike = len(known & set(columns)) / len(known | set(columns))
        if alike >= _ALIKE and (best is None or alike >= best[0]):
            best = (alike, one)
    return best[1] if best else None


def _kept(connection: Connection) -> tuple[RememberedMapping, ...]:
    raw = settings.get(connection, _SETTING)
    return () if raw is None else _KEPT.validate_json(raw)


def with_choices(proposal: Proposal, remembered: RememberedMapping) -> Proposal:
    """A proposal that starts from what the owner chose for the same source before.

    The day of an earlier export is not that of this one.
    """
    chosen = {name: said for name, said in by_column(remembered.mapping).items()
              if name in proposal.mapping.columns}  # fmt: skip
    given = {field for said in chosen.values() for field in said.names}
    given |= remembered.mapping.constants.keys()
    new = [one for one in proposal.columns
           if one.name not in chosen and not given & {*one.said.names}]  # fmt: skip
    columns = [ColumnProposal(name, said, 100) for name, said in chosen.items() if said.names]
    said = {one.name: one.said for one in (*columns, *new)}
    file = remembered.mapping.file
    layout = proposal.mapping.file.model_copy(
        update={"nace_revision": file.nace_revision or proposal.mapping.file.nace_revision,
                "questionnaire": file.questionnaire, "join_rows": file.join_rows}
    )  # fmt: skip
    kept = remembered.mapping.model_copy(
        update={"file": layout,
                "columns": {name: said.get(name, IGNORED) for name in proposal.mapping.columns}}
    )  # fmt: skip
    ignored = tuple(name for name in proposal.ignored if name not in chosen)
    return replace(proposal, mapping=kept, columns=(*columns, *new), ignored=ignored,
                   chosen=tuple(chosen), chosen_at=remembered.at)  # fmt: skip
