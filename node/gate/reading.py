"""Has the owner read whom a round trusts? Rosters follow each other without anybody at a centre.

Whoever signs rosters could list made-up centres, or witnesses of their own, and open one centre's
list with them. So what the owner did not read counts as colluding, and no more may.
"""

from node.gate.refusal import UnreadRoster
from node.store import papers
from node.store.database import Connection
from privacy.secure_sum.parameters import Policy, colluders
from schemas.names import look
from schemas.roster import Centre, Roster


def check_read(connection: Connection, roster: Roster, policy: Policy) -> None:
    """Raise UnreadRoster unless the committee is of the kind that the owner agreed to last, with
    no other witnesses, and no more centres are new since, or of another organisation, than may
    collude.

    An owner agrees to roster and programme together, so whoever agreed to neither is stopped
    before this.
    """
    agreed = papers.last_approved(connection, "roster")
    if agreed is None:
        return
    known = agreed.signed.peek(Roster)
    if bool(roster.sitting) != bool(known.sitting):
        raise UnreadRoster("others certify and open sums than those the owner agreed to")
    if any(known.listed.get(one.id) != one.key for one in roster.sitting):
        raise UnreadRoster("a witness sits whom the owner did not read of")
    read = {_run_by(one) for one in known.centres}
    new = sum(_run_by(one) not in read for one in roster.centres)
    if new > colluders(roster, policy.colluding):
        raise UnreadRoster("more centres are new to the owner than may collude")


def _run_by(one: Centre) -> tuple[int, str, str]:
    return one.id, one.key, look(one.organisation)
