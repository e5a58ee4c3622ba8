"""`committee`: which committee this centre takes, and how many witnesses it wants on it."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, Command, tell
from node.console import DEFAULT_FOLDER, Folder, texts

if TYPE_CHECKING:
    from chassis.texts import Texts
    from privacy.secure_sum.parameters import Policy

Take = Annotated[
    Literal["either", "centres", "witnesses"] | None,
    typer.Option(help="whom you trust to certify and to open sums"),
]
Least = Annotated[
    int | None, typer.Option(min=7, max=25, help="fewest witnesses where they are the committee")
]
_WORDS = {
    "either": "Your policy: a committee of centres, or of at least {least} witnesses.",
    "centres": "Your policy: a committee of centres, and never of witnesses.",
    "witnesses": "Your policy: a committee of at least {least} witnesses, and never of centres.",
}


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("committee", cls=Command, help="Say or set which committee you take.")(committee)


def committee(
    take: Take = None, least: Least = None, folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False
) -> None:
    """Show what this node demands of a committee, or change it from the next round on."""

    from chassis.store import audit_log
    from node.admission.committee_demands import demand, demanded
    from node.store import NodeStore
    from privacy.secure_sum.parameters import Policy

    with NodeStore.open(folder).begin() as connection:
        if take is not None or least is not None:
            demand(connection, take, least)
            held = demanded(connection, Policy())
            audit_log.note(connection, unix_seconds(), "committee-set", take=held.committee,
                       least=held.least_witnesses)  # fmt: skip
        held = demanded(connection, Policy())
    facts: dict[str, Any] = {"take": held.committee, "least": held.least_witnesses}
    tell(facts, committee_sentence(texts(), held), as_json=as_json)


def committee_sentence(say: "Texts", policy: "Policy") -> str:
    """A node's policy on the committee, in words."""
    return say(_WORDS[policy.committee], least=policy.least_witnesses)
