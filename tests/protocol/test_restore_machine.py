"""Nobody counts twice within four quarters and no budget is overspent, whatever happens.

One centre's real store, driven through rounds, retries, crashes, restarts, backups, restores of
old ones, imports, corrected dates, second spellings, withdrawals, new rosters and programmes and
jumps of its clock. A model outside it remembers whose values were ever sent, and what was paid.
"""

import hashlib
import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

from cast import tape
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from restore_world import (
    ASKS,
    AUTHORITY,
    BUDGET,
    COORDINATOR,
    START,
    Memory,
    announcement,
    enrol,
    moment,
    person_of_each_pseudonym,
    programme,
    put_back,
    roster,
    spellings,
    watched,
    write_backup,
)

from node.admission import charging, restored
from node.admission.check import charges_of, check_announcement, check_ledger, standing
from node.admission.pinned_authority import take_programme, take_roster
from node.admission.refusal import AdmissionRefusal
from node.importing import commit as intake
from node.importing.choices import reference
from node.importing.refusal import OtherClient
from node.rounds import committee
from node.rounds.context import Context
from node.rounds.rollback_check import renew_card
from node.store import NodeStore, budget, rounds, signed_documents
from privacy.accounting.ledger import LedgerRefusal
from privacy.encode.layout import make_layout
from schemas.cohort import Cohort
from schemas.record import Consent, Trajectory
from schemas.signed import Signed

LAST = START + timedelta(91 * 38)
"""The programmes of this world declare forty quarters."""
PEOPLE, TRAJECTORIES, QUARTERS = st.integers(1, 2), st.integers(1, 2), st.integers(0, 2)


class Centre1(RuleBasedStateMachine):
    """The store, and the world around it."""

    backups = Bundle("backups")

    @initialize()
    def found(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.count, self.skew, self.today = 0, 0, START + timedelta(200)
        self.memory = Memory()
        self.person_of = person_of_each_pseudonym()
        self.epoch, self.last, self.version = 1, roster(1, 7, None), 1
        self.store = NodeStore.create(self.folder / "node-0")
        with self.store.begin() as c:
            enrol(c, self.last)
            self.approve(c)

    def approve(self, connection) -> None:  # type: ignore[no-untyped-def]
        take_programme(connection, Signed.seal(programme(self.version), AUTHORITY.private))
        signed_documents.approve(connection, "programme", self.version, 1)

    def around(self) -> Context:
        """The node's clock may stand wrong; its randomness is a tape."""
        return Context(lambda: moment(self.today) + self.skew, tape(f"m{self.count}"))

    def next(self) -> int:
        self.count += 1
        return self.count

    # What the centre does by itself ------------------------------------------------------

    @rule(
        person=PEOPLE, number=TRAJECTORIES, back=QUARTERS, spelling=st.integers(0, 2),
        agreed=st.sampled_from([True, True, True, False]),
    )  # fmt: skip
    def import_(self, person: int, number: int, back: int, spelling: int, agreed: bool) -> None:
        """A new client, a corrected date, or the same client in another spelling."""
        started = self.today - timedelta(91 * back)
        self._import(person, number, started, spelling, Consent(statistics=agreed))

    @rule(back=QUARTERS)
    def import_all(self, back: int) -> None:
        """Everybody's date is corrected at once."""
        for person in (1, 2):
            started = self.today - timedelta(91 * back)
            self._import(person, 1, started, 0, Consent(statistics=True))

    @rule(person=PEOPLE, number=TRAJECTORIES, back=QUARTERS)
    def withdraw(self, person: int, number: int, back: int) -> None:
        consent = Consent(statistics=True, given_on=START, withdrawn_on=self.today)
        self._import(person, number, self.today - timedelta(91 * back), 0, consent)

    def _import(
        self, person: int, number: int, started: date, spelling: int, consent: Consent
    ) -> None:
        one = Trajectory(
            client_ref=reference(spellings(person)[spelling]),
            trajectory_ref=reference(f"T{person}-{number}"), started_on=max(started, START),
            status="running", residence="BE211", consent=consent,
        )  # fmt: skip
        source = intake.Source("file", hashlib.sha256(b"%d" % self.next()).hexdigest())
        try:
            with self.store.begin() as c:
                intake.commit(c, [one], source, self.around().clock(), bytes)
        except OtherClient:
            pass

    @rule()
    def restart(self) -> None:
        self.store = NodeStore.open(self.store.folder)

    @rule(quarters=st.sampled_from([1, 1, 1, 2, 5]))
    def time_passes(self, quarters: int) -> None:
        self.today = min(self.today + timedelta(91 * quarters), LAST)

    @rule(days=st.sampled_from([-900, -200, 0, 0, 0, 200]))
    def clock_jumps(self, days: int) -> None:
        self.skew = days * 86_400

    @rule(target=backups)
    def back_up(self) -> Path:
        return self._back_up()

    def _back_up(self) -> Path:
        file = self.folder / f"b{self.next()}"
        write_backup(self.store.folder, file, self.around().clock())
        return file

    @rule(file=backups)
    def restore(self, file: Path) -> None:
        """Any backup, however old; the store it replaces is gone."""
        self._restore(file)

    def _restore(self, file: Path) -> None:
        folder = self.folder / f"node-{self.next()}"
        put_back(file, folder, self.around().clock())
        self.store = NodeStore.open(folder)
        with self.store.begin() as c:
            restored.mark(c, self.around().clock())

    # What the region does ----------------------------------------------------------------

    @rule(skipped=st.integers(1, 2), members=st.integers(6, 9))
    def new_roster(self, skipped: int, members: int) -> None:
        self.epoch += skipped
        previous = self.last.digest() if skipped == 1 else "77" * 32
        self.last = roster(self.epoch, members, previous)
        try:
            with self.store.begin() as c:
                take_roster(c, Signed.seal(self.last, AUTHORITY.private))
        except AdmissionRefusal:
            pass  # a restored store may miss the one before

    @rule(version=st.sampled_from([2, 3]))
    def new_programme(self, version: int) -> None:
        self.version = version
        try:
            with self.store.begin() as c:
                self.approve(c)
        except AdmissionRefusal:
            pass

    @rule(person=PEOPLE, number=TRAJECTORIES)
    def quarter_ends(self, person: int, number: int) -> None:
        """Somebody starts, or is said to have started now; the quarter ends and is measured."""
        self._import(person, number, self.today, 0, Consent(statistics=True))
        self.time_passes(1)
        self._round("q", 0, ASKS, crash=False)

    @rule(person=PEOPLE)
    def forgotten_quarter(self, person: int) -> None:
        """The same, and then the disk breaks: the centre goes on from a backup of before."""
        file = self._back_up()
        self.quarter_ends(person, 1)
        self._restore(file)

    @rule(
        back=st.sampled_from([0, 0, 0, 1, 2]), yearly=st.sampled_from([False, False, True]),
        asks=st.sampled_from([ASKS, ASKS[:1], ASKS[1:]]),
        crash=st.sampled_from([False, False, False, True]),
    )  # fmt: skip
    def round(self, back: int, yearly: bool, asks: tuple[str, ...], crash: bool) -> None:
        """A round from its announcement to the transaction after which bytes leave."""
        self._round("y" if yearly else "q", back, asks, crash=crash)

    def _round(self, unit: str, back: int, asks: tuple[str, ...], *, crash: bool) -> None:
        last = max(0, Cohort.of(self.today).index - Cohort.of(START).index - 1 - back)
        period = f"y{last // 4}" if unit == "y" else f"q{last}"
        number, seen = self.next(), []
        try:
            with self.store.begin() as c:
                prices = self._answer(c, number, period, asks, seen)
                _end(crash)
        except (AdmissionRefusal, LedgerRefusal, Killed):
            return
        self.memory.answered(b"%d" % number, prices, seen)

    def _answer(self, c, number: int, period: str, asks: tuple[str, ...], seen: list):  # type: ignore[no-untyped-def,type-arg]
        around, here = self.around(), standing(c)
        layout = make_layout(here.programme, asks)
        found = here.programme.period(period)
        announced = announcement(number, here, found, layout, asks, self.today)
        renew_card(c, around, announced, None)
        check_announcement(here, announced, around.clock())
        check_ledger(c, here, charges_of(layout, found.cohorts))
        rid = b"%d" % number
        signed = Signed.seal(announced, COORDINATOR.private)
        rounds.open_round(c, rid, number, signed, [])
        charging.charge(c, here, charges_of(layout, found.cohorts, rid, 4))
        with patch.object(charging, "_present", watched(seen, self.person_of)):
            charging.count(c, here, layout, found.cohorts, around.random_bytes)
        rounds.change(c, rid, message=b"y", outcome="sent")
        return {key: one.price for key, one in charges_of(layout, found.cohorts).items()}

    @rule(which=st.integers(0, 20))
    def give_up(self, which: int) -> None:
        """A quorum states that it never certifies a round; the centre hears it, perhaps twice."""
        paid = self.memory.paid
        if not paid:
            return
        rid = sorted(paid)[which % len(paid)]
        paid[rid].given_up = True
        with (
            patch.object(committee, "check_abandonment", lambda *_: None),
            patch.object(committee, "_view", lambda *_: None),
            patch.object(committee, "_use_keys", lambda *_: None),
            self.store.begin() as c,
        ):
            committee.refund(c, self.around(), [rid])

    @invariant()
    def the_budget_holds(self) -> None:
        if hasattr(self, "memory"):
            self.memory.check_budget()

    @invariant()
    def the_store_never_shows_more_than_all(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.begin() as c:
            held = budget.ledger(c, BUDGET)
        assert all(held.left(key.cohort) >= 0 for key in held.charges)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


class Killed(BaseException):
    """The process ended before the transaction did."""


def _end(crash: bool) -> None:
    if crash:
        raise Killed


TestCentre = Centre1.TestCase
TestCentre.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
