"""What is signed is obeyed: every field of a document that crosses a boundary is read by code."""

import ast
import typing
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from schemas.enrolment import EnrolRequest, EnrolStatus, Invitation, RosterCandidate
from schemas.programme import Programme
from schemas.release import Release
from schemas.roster import Roster
from schemas.round import Announcement, Descriptor, KeyCard, Link, Prekey

ROOT = Path(__file__).parents[3]
CROSSING: tuple[type[BaseModel], ...] = (
    Roster, RosterCandidate, Programme, KeyCard, Link, Announcement, Prekey, Descriptor, Release,
    Invitation, EnrolRequest, EnrolStatus,
)  # fmt: skip


def reached(kind: Any, found: set[type[BaseModel]]) -> set[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in found:
        found.add(kind)
        for field in kind.model_fields.values():
            reached(field.annotation, found)
    for inner in typing.get_args(kind):
        reached(inner, found)
    return found


def read() -> set[str]:
    """Every attribute that some code reads, by its name."""
    return {
        node.attr
        for folder in ("schemas", "privacy", "chassis", "node", "coordinator", "deploy")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }


@pytest.mark.heavy
def test_no_field_that_is_signed_is_left_unread() -> None:
    found: set[type[BaseModel]] = set()
    for kind in CROSSING:
        reached(kind, found)
    assert len(found) > 30
    seen = read()
    unread = {
        f"{kind.__name__}.{name}"
        for kind in found
        for name in kind.model_fields
        if name not in seen
    }
    assert unread == set()
