"""The release desk: a clean draft is published at once, any other waits for a person.

summed ──nothing found──▶ PUBLISHED
   └──▶ DRAFT ──published with a reason──▶ PUBLISHED
          └──rejected with a reason──▶ WITHHELD, and listed so
"""

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from chassis.errors import NotYet, WrongInput
from chassis.store import audit_log
from coordinator.releases.plausibility import doubts
from coordinator.store import drafts, releases, rounds
from coordinator.store.database import Connection
from privacy.secure_sum.keys import Identity
from schemas.release import Reason, Release, Withheld
from schemas.units import UnixSeconds

_REASON: TypeAdapter[str] = TypeAdapter(Reason)


class NoDraft(NotYet):
    """No draft of this round waits."""

    code = "no-draft"


def settle(
    connection: Connection, draft: Release, total: NDArray[np.int64], identity: Identity
) -> rounds.State:
    """Publish a draft in which nothing was found, or keep it; returns the state of its round."""
    found = doubts(connection, draft, total, identity.public_hex)
    if not found:
        releases.publish(connection, draft, identity)
        return "PUBLISHED"
    drafts.keep(connection, draft.model_copy(update={"findings": found}), identity)
    audit_log.note(
        connection, draft.published_at, "drafted", round=draft.round, findings=len(found)
    )
    return "DRAFT"


def publish(
    connection: Connection, number: int, reason: str, identity: Identity, now: int
) -> Release:
    """Publish a draft in spite of what was found, with a reason that every reader sees."""
    draft, said = draft_of(connection, number, identity), _reason(reason)
    moment = UnixSeconds(now)
    release = draft.model_copy(update={"reason": said, "published_at": moment})
    releases.publish(connection, release, identity)
    drafts.drop(connection, number)
    rounds.move(connection, number, ("DRAFT", "PUBLISHED"), now)
    audit_log.note(connection, now, "draft-published", round=number, reason=said)
    return release


def reject(
    connection: Connection, number: int, reason: str, identity: Identity, now: int
) -> Withheld:
    """Never publish a draft; that it is withheld, and why, is public."""
    draft, said = draft_of(connection, number, identity), _reason(reason)
    body = Withheld(
        round=number, period=draft.period, cohorts=draft.cohorts, asks=draft.asks,
        withheld_at=UnixSeconds(now), findings=draft.findings, reason=said,
    )  # fmt: skip
    drafts.withhold(connection, body, identity)
    drafts.drop(connection, number)
    rounds.move(connection, number, ("DRAFT", "WITHHELD"), now)
    audit_log.note(connection, now, "draft-rejected", round=number, reason=said)
    return body


def draft_of(connection: Connection, number: int, identity: Identity) -> Release:
    """Return the draft of a round. Raises NoDraft, or BadSignature when it was altered."""
    draft = drafts.of(connection, number, identity.public_hex)
    if draft is None:
        raise NoDraft("no draft of round {number} waits for a decision", number=number)
    return draft


def _reason(said: str) -> str:
    try:
        return _REASON.validate_python(said.strip())
    except ValidationError:
        raise WrongInput("a reason is 10 to 500 characters on one line, for readers") from None
