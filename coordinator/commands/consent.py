"""Before the authority signs: everything that changes, then a question, and no way past it unseen.

A script names the digest of the document it means; without a person and without that digest nothing
is signed.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chassis.commands import tell
from chassis.errors import NotAllowed, WrongInput
from chassis.present.documents import worded
from coordinator.commands.reply import texts

if TYPE_CHECKING:
    from coordinator.authority.signing import Review

OfDigest = Annotated[
    str | None,
    typer.Option("--digest", help="sign without a question, if this is the digest of the document"),
]


class NotConsented(NotAllowed):
    """Nobody agreed to it. Nothing was signed."""

    code = "not-consented"


def consent(review: "Review", remarks: Sequence[str], digest: str | None, *, as_json: bool) -> None:
    """Show the changes and ask. Raises NotConsented or WrongInput; then nothing was signed.

    With JSON nobody is asked, and the changes stand in the answer.
    """
    t = texts()
    if not as_json:
        tell({}, *shown(review, remarks), as_json=False)
    if review.signed is not None:
        return
    if digest is not None:
        if digest.strip().lower() != review.digest:
            raise WrongInput(
                "this is another document than the one of that digest: its own is {digest}",
                digest=review.digest,
            )
        return
    if as_json:
        tell({**facts_of(review, remarks), "signed": False}, as_json=True)
    if as_json or not sys.stdin.isatty():
        raise NotConsented(
            "nobody is there to agree to these changes: read them, then give --digest {digest}",
            digest=review.digest,
        )
    if not typer.confirm(t("Do you sign this?"), default=False):
        raise NotConsented("it was not agreed to")


def shown(review: "Review", remarks: Sequence[str]) -> list[str]:
    """Every change, one a line, what to look at twice, and the digest."""
    t = texts()
    if review.before is None:
        first = t("Nothing was signed before. All that is in this document:")
    else:
        first = t("Changed since the last one that was signed:")
    changes = [f"  {worded(change, t.language)}" for change in review.changes]
    last = t("Digest of this document: {digest}", digest=review.digest)
    lines = [first, *(changes or [t("  nothing")]), *remarks, last]
    return [*lines, t("It was signed before.")] if review.signed is not None else lines


def facts_of(review: "Review", remarks: Sequence[str]) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "changes": [change.facts for change in review.changes],
        "remarks": list(remarks),
        "document": review.digest,
    }
