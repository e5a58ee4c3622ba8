"""Who of a centre's clients will be counted, and why the others will not.

Decided by what decides in a round: `who_counts` enters and leaves out, `belongs` says which
people a statistic asks about. Nothing is written here but what was found, for as long as it
holds.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from types import MappingProxyType

from chassis.store import audit_log, settings
from chassis.texts import Texts
from node.admission import restored
from node.admission.charging import who_counts
from node.store import budget, lookalikes, records, restrictions, signed_documents
from node.store.database import Connection
from node.store.records import Brief
from privacy.people.population import belongs, known_at_work, months_after
from schemas.cohort import Cohort
from schemas.programme import Programme
from schemas.record import Trajectory

_FOUND = "eligibility"
_FIRST_FOLLOW_UP = 6

WHY_NOT: Mapping[str, str] = MappingProxyType(
    {
        "no_consent": "{n} without consent",
        "withdrawn": "{n} withdrew",
        "restricted": "{n} restricted",
        "lookalike": "{n} who may be another client (see duplicates)",
        "outside_periods": "{n} began outside the quarters of the programme",
        "counted_near": "{n} counted already in a quarter less than a year away",
        "answered": "{n} came after their quarter was answered",
        "after_restore": "{n} in quarters that the restore leaves uncertain",
        "asked_nothing": "{n} of whom the programme asks nothing",
    }
)
"""Why a client is not counted; in this order, each under the first that holds."""

NOT_FOLLOWED: Mapping[str, str] = MappingProxyType(
    {
        "running": "{n} still running or stopped",
        "no_end": "{n} without an end date",
        "too_recent": "{n} ended less than 6 months ago",
        "no_answer": "{n} without an answer 6 or 12 months after",
    }
)
"""Why somebody who is counted is not counted in what is asked 6 and 12 months after the end."""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """How many clients a centre holds, how many will be counted, and how many of these also in
    what is asked afterwards; by reason how many are not. `followed`: None when nothing is asked
    afterwards, or no programme is known."""

    clients: int
    counted: int
    why_not: Mapping[str, int] = field(default_factory=dict)
    followed: int | None = None
    not_followed: Mapping[str, int] = field(default_factory=dict)
    programme: bool = True


def eligibility(connection: Connection, today: date) -> Eligibility:
    """Say who will be counted under the newest programme that this centre holds.

    Without one, whoever agreed: no quarter is known yet that leaves somebody out.
    """
    by_client: dict[str, list[Brief]] = defaultdict(list)
    for one in records.briefs(connection):
        by_client[one.client].append(one)
    document = signed_documents.latest(connection, "programme")
    if document is None:
        return _without_programme(by_client, _held(connection))
    programme = document.signed.peek(Programme)
    cohorts = [Cohort.parse(text) for one in programme.periods for text in one.cohorts]
    turnout = who_counts(connection, cohorts, _closed(connection, programme))
    present = [one for people in turnout.people.values() for one in people]
    counted = [one for one in present if _asked(one, programme)]
    inside = {one.client_ref for one in counted}
    registered = frozenset(entry.client for entry in budget.register(connection))
    why = _Why(frozenset(cohorts), restored.last_gap(connection), registered,
               frozenset(one.client_ref for one in present), _held(connection))  # fmt: skip
    why_not = Counter(why.not_counted(held) for c, held in by_client.items() if c not in inside)
    found = Eligibility(len(by_client), len(inside), _ordered(why_not, WHY_NOT))
    return _with_followed(found, counted, programme, today)


def _without_programme(
    by_client: Mapping[str, Sequence[Brief]], held_back: Mapping[str, str]
) -> Eligibility:
    why_not = Counter(_kept_out(held, held_back) for held in by_client.values())
    agreed = why_not.pop(None, 0)
    return Eligibility(len(by_client), agreed, _ordered(why_not, WHY_NOT), programme=False)


def _held(connection: Connection) -> dict[str, str]:
    """Why some do not count today, by client: `counting.held_back` in words."""
    waiting = dict.fromkeys(lookalikes.waiting(connection), "lookalike")
    return waiting | dict.fromkeys(restrictions.restricted(connection), "restricted")


def _kept_out(held: Sequence[Brief], held_back: Mapping[str, str]) -> str | None:
    """Why nothing of a client may be counted; None when something may."""
    if not any(one.agreed for one in held):
        return "no_consent"
    if not any(one.counts for one in held):
        return "withdrawn"
    return held_back.get(held[0].client)


def _closed(connection: Connection, programme: Programme) -> frozenset[Cohort]:
    """Quarters that were answered, and are asked nothing more."""
    if programme.spread:
        return frozenset()
    charges = budget.ledger(connection, programme.budget).charges
    return frozenset(Cohort.parse(key.cohort) for key in charges)


def _asked(one: Trajectory, programme: Programme) -> bool:
    """Whether any statistic of the programme is about her."""
    by_id = programme.by_id
    return any(belongs(one, by_id[a.statistic].population, a.horizon) for a in programme.asks)


@dataclass(frozen=True, slots=True)
class _Why:
    """What leaves clients out: quarters, a restore, the register; `present`: who gives values;
    `held_back`: why some do not count today."""

    cohorts: frozenset[Cohort]
    gap: Cohort | None
    registered: frozenset[str]
    present: frozenset[str]
    held_back: Mapping[str, str]

    def not_counted(self, held: Sequence[Brief]) -> str:
        """The first reason why a client with these trajectories is not counted."""
        reason = _kept_out(held, self.held_back)
        if reason is not None:
            return reason
        inside = {one.cohort for one in held if one.counts} & self.cohorts
        return self._of_the_round(held[0].client, inside) if inside else "outside_periods"

    def _of_the_round(self, client: str, inside: set[Cohort]) -> str:
        if client in self.present:
            return "asked_nothing"
        if self.gap is not None and max(inside) <= self.gap:
            return "after_restore"
        return "counted_near" if client in self.registered else "answered"


def _with_followed(
    found: Eligibility, counted: Sequence[Trajectory], programme: Programme, today: date
) -> Eligibility:
    by_id = programme.by_id
    asks = [(by_id[a.statistic].population, a.horizon) for a in programme.asks
            if a.horizon in ("6m", "12m")]  # fmt: skip
    if not asks:
        return found
    why = {one.client_ref: _not_followed(one, today) for one in counted
           if any(belongs(one, population, horizon) for population, horizon in asks)}  # fmt: skip
    others = Counter(why.get(one.client_ref, "running") for one in counted)
    followed = others.pop(None, 0)
    return Eligibility(
        found.clients, found.counted, found.why_not, followed, _ordered(others, NOT_FOLLOWED)
    )


def _not_followed(one: Trajectory, today: date) -> str | None:
    """Why nothing is known of her afterwards; None when something is."""
    known = (known_at_work(one, "6m"), known_at_work(one, "12m"))
    if one.wellbeing.keys() & {"6m", "12m"} or known != (None, None):
        return None
    if one.status == "running":
        return "running"
    if one.ended_on is None:
        return "no_end"
    if months_after(one.ended_on, _FIRST_FOLLOW_UP) > today:
        return "too_recent"
    return "no_answer"


def _ordered(counts: Counter[str] | Counter[str | None], order: Iterable[str]) -> dict[str, int]:
    return {reason: counts[reason] for reason in order if counts[reason]}


def remembered(connection: Connection, today: date) -> Eligibility:
    """The same, found anew only when something happened here since, or another day began."""
    document = signed_documents.latest(connection, "programme")
    state = (audit_log.last_hash(connection), document and document.digest, today.isoformat())
    token = hashlib.sha256(repr(state).encode()).hexdigest()
    known = json.loads(settings.get(connection, _FOUND) or b"{}")
    if known.get("token") == token:
        return Eligibility(**known["found"])
    found = eligibility(connection, today)
    settings.put(connection, _FOUND, json.dumps({"token": token, "found": asdict(found)}).encode())
    return found


def sentences(say: Texts, found: Eligibility) -> Iterator[str]:
    """Spell it: who is counted and why the others are not; and who is not followed."""
    counts = {"counted": found.counted, "clients": found.clients}
    reasons = ", ".join(say(WHY_NOT[why], n=n) for why, n in found.why_not.items())
    if reasons:
        yield say("Clients who will be counted: {counted} of {clients}. Not counted: {reasons}.",
                  **counts, reasons=reasons)  # fmt: skip
    else:
        yield say("Clients who will be counted: {counted} of {clients}.", **counts)
    if found.followed is None or not found.counted:
        return
    counts = {"followed": found.followed, "counted": found.counted}
    reasons = ", ".join(say(NOT_FOLLOWED[why], n=n) for why, n in found.not_followed.items())
    if reasons:
        yield say("Of these also in what is asked 6 and 12 months after the end: {followed} of "
                  "{counted}. Not: {reasons}.", **counts, reasons=reasons)  # fmt: skip
    else:
        yield say("Of these also in what is asked 6 and 12 months after the end: {followed} of "
                  "{counted}.", **counts)  # fmt: skip
