"""What a round still needs of its committee, and what an operator can do when it does not come.

    closed      a quorum signs the set                            CLOSING
    certified   a threshold opens its shares                      CERTIFIED
    given up    a quorum states that it never certifies the round OPEN, STUCK

With more members away than a quorum can spare, a round neither ends nor is given up: without a
quorum's statements nobody could know that it is never opened, and no charge may come back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chassis.texts import Texts
from coordinator.rounds import stuck
from coordinator.rounds.opening import documents_for
from coordinator.store import rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from privacy.secure_sum.parameters import committee_of

Answer = Literal["set_signature", "shares", "abandonment"]


@dataclass(frozen=True, slots=True)
class Awaited:
    """How many members of the committee answered so, how many have to, and who did not.

    `stuck_at`: when the round no longer stands in the way of others, Unix seconds; None: since
    then it does not.
    """

    answer: Answer
    have: int
    need: int
    silent: tuple[int, ...]
    witnesses: bool
    stuck_at: int | None


def awaited(connection: Connection, stored: StoredRound) -> Awaited | None:
    """What is asked of the committee now; None when nothing is, or enough of it is there."""
    described, answer = stored.described, _asked(stored)
    if described is None or answer is None:
        return None
    roster, limits = documents_for(connection, stored).roster, described.parameters
    committee = committee_of(roster, stored.number)
    if answer != "abandonment":
        active = {*described.active, *described.witnesses}
        committee = tuple(node for node in committee if node in active)
    heard = set(rounds.who_answered(connection, stored.number, answer))
    need = limits.threshold if answer == "shares" else limits.quorum
    if len(heard) >= need:
        return None
    until = stored.announced.stuck_after(stuck.days(connection))
    return Awaited(
        answer, len(heard), need, tuple(node for node in committee if node not in heard),
        bool(roster.sitting), None if stored.state == "STUCK" else until,
    )  # fmt: skip


def _asked(stored: StoredRound) -> Answer | None:
    if stored.state in ("OPEN", "STUCK"):
        return "abandonment" if stored.wanted == "abandon" else None
    found: dict[rounds.State, Answer] = {"CLOSING": "set_signature", "CERTIFIED": "shares"}
    return found.get(stored.state)


def sentences(t: Texts, one: Awaited) -> list[str]:
    """For the operator: what is lacking, of whom, what to do, and until when it blocks others."""
    who = t("witnesses") if one.witnesses else t("centres")
    said = {"have": one.have, "need": one.need, "who": who, "ids": ", ".join(map(str, one.silent))}
    found = {
        "set_signature": t("{have} of the {need} signatures that certify the set are there. Not "
                           "heard yet: {who} {ids}.", **said),
        "shares": t("{have} of the {need} answers that open the sum are there. Not heard yet: "
                    "{who} {ids}.", **said),
        "abandonment": t("{have} of the {need} statements that give the round up are there. Not "
                         "heard yet: {who} {ids}.", **said),
    }  # fmt: skip
    until = {
        "set_signature": t("Each is asked as soon as its service runs again: telephone them "
                           "(wegwijs-node run). Before {need} have signed nothing is opened, and "
                           "no charge comes back: that takes {need} that never signed.",
                           need=one.need),
        "shares": t("Each is asked as soon as its service runs again: telephone them "
                    "(wegwijs-node run). The set is certified, so the round cannot be given up."),
        "abandonment": t("Each is asked as soon as its service runs again, however late: telephone "
                         "them (wegwijs-node run). Every charge comes back once {need} have "
                         "stated it.", need=one.need),
    }  # fmt: skip
    return [found[one.answer], until[one.answer], *_blocking(t, one)]


def _blocking(t: Texts, one: Awaited) -> list[str]:
    if one.stuck_at is None:
        return []
    day = datetime.fromtimestamp(one.stuck_at).astimezone().strftime("%d/%m/%Y %H:%M")
    if one.answer == "abandonment":
        return [
            t("Until {day} no other round can be announced; sooner with: round stuck-after DAYS. "
              "This one is still given up when enough have stated it.", day=day)
        ]  # fmt: skip
    return [
        t("Until {day} no other round can be announced; sooner with: round stuck-after DAYS. Then "
          "this one is asked no more, and what it cost stays spent.", day=day)
    ]  # fmt: skip
