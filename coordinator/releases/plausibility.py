"""What has to be looked at by a person before a draft is published."""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from chassis.store import audit_log, settings
from coordinator.store import releases
from coordinator.store.database import Connection
from privacy.encode.layout import Layout, make_layout
from privacy.plausible.change import USUAL_PERCENT, changes
from privacy.plausible.checks import Region, findings
from schemas.document import MalformedDocument
from schemas.programme import Programme
from schemas.release import Finding, Release, ReleaseLine
from schemas.signed import BadSignature, Signed

D = TypeVar("D", Release, ReleaseLine)


def tolerance(connection: Connection) -> int:
    """Percent by which a region may change in a period: the setting, or 50."""
    return int(settings.text(connection, "tolerance_percent") or USUAL_PERCENT)


def set_tolerance(connection: Connection, percent: int, now: int) -> None:
    """Change it, for drafts made from now on."""
    settings.put(connection, "tolerance_percent", str(percent))
    audit_log.note(connection, now, "tolerance", percent=percent)


def doubts(
    connection: Connection, draft: Release, total: NDArray[np.int64], signer: str
) -> tuple[Finding, ...]:
    """Everything in a draft that cannot be, or hardly; empty when it may be published."""
    layout = make_layout(draft.programme.peek(Programme), draft.asks)
    region = Region(len(draft.in_sum), len(draft.cohorts))
    found = findings(total, layout, region, draft.honest)
    return (*found, *_changes(connection, draft, layout, signer))


def _changes(
    connection: Connection, draft: Release, layout: Layout, signer: str
) -> Iterator[Finding]:
    """Each ask against the newest release of an earlier period that holds it."""
    left, percent = set(draft.asks), tolerance(connection)
    for line in _earlier(connection, draft, signer):
        common = left & set(line.asks)
        raw = releases.document_of(connection, line.id) if common else None
        old = _opened(raw, Release, signer) if raw else None
        if old is None:
            continue
        left -= common
        those = tuple(one for one in draft.figures if one.statistic in common)
        yield from changes(draft.model_copy(update={"figures": those}), old, layout, percent)


def _earlier(connection: Connection, draft: Release, signer: str) -> list[ReleaseLine]:
    """Lines of releases about earlier people only, the latest people first."""
    found = [_opened(one.line, ReleaseLine, signer) for one in releases.published(connection)]
    before = [one for one in found if one is not None and one.cohorts[-1] < draft.cohorts[0]]
    return sorted(before, key=lambda one: (one.cohorts[-1], one.round), reverse=True)


def _opened(raw: bytes, kind: type[D], signer: str) -> D | None:
    """A document of ours; None for one that was altered, which is compared with nothing."""
    try:
        return Signed.from_canonical(raw).open(kind, signer)
    except (BadSignature, MalformedDocument):
        return None
