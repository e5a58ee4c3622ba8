"""A published release is altered, one fact after the other, by whoever has no key: none passes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cast import tape
from region import NOW, make_region, sample_records
from typer.testing import CliRunner

from deploy.cli import app
from privacy.secure_sum.keys import Identity
from privacy.verify import ReleaseRefused, verify_release
from schemas.catalogue.default import programme_of_year
from schemas.document import MalformedDocument
from schemas.programme import Programme
from schemas.release import Release
from schemas.signed import Signed
from schemas.units import UnixSeconds

Path_ = tuple[str | int, ...]
"""Where a leaf stands: names and places from the top; a signed text is entered as its JSON."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """The file of a small release, and the authority's key."""
    folder = tmp_path_factory.mktemp("region") / "made"
    whole = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(NOW + 10**7))
    statistic = whole.by_id["trajectories"].model_copy(update={"views": ((), ("gender",))})
    asks = tuple(ask for ask in whole.asks if ask.statistic == "trajectories")
    programme = Programme(**{**dict(whole), "statistics": (statistic,), "asks": asks})
    people = {n: sample_records(n, 30) for n in range(1, 8)}
    region = make_region(folder, people, programme=programme)
    number = region.announce()
    region.ticks(3)
    region.ask("open", number)
    region.ticks(2)
    region.ask("close", number)
    region.ticks(5)
    return region.signed_release().canonical(), region.authority.public_hex


def unfolded(node: Any) -> Any:
    """The JSON with every signed text as the JSON that it is."""
    if isinstance(node, dict):
        return {name: unfolded(_inside(name, one)) for name, one in node.items()}
    return [unfolded(one) for one in node] if isinstance(node, list) else node


def _inside(name: str, one: Any) -> Any:
    return json.loads(one) if name == "body" else one


def folded(node: Any) -> Any:
    """The inverse of `unfolded`."""
    if isinstance(node, dict):
        return {
            name: spell(folded(one)) if name == "body" else folded(one)
            for name, one in node.items()
        }
    return [folded(one) for one in node] if isinstance(node, list) else node


def spell(node: Any) -> str:
    return json.dumps(node, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def leaves(node: Any, at: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    if isinstance(node, dict | list) and node:
        inside = node.items() if isinstance(node, dict) else enumerate(node)
        for name, one in inside:
            yield from leaves(one, (*at, name))
    else:
        yield at, node


def other(value: Any) -> Any:
    """Another value of the same kind, such that the file still reads as a release if it can."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str) and value:
        swapped = "1" if value[-1] == "0" else "0"
        return value[:-1] + swapped
    return {"": "x", None: 0.5}.get(value) if not isinstance(value, list) else [1]


def changed(tree: Any, at: Path_, value: Any) -> Any:
    if not at:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[at[0]] = changed(tree[at[0]], at[1:], value)
    return copy


@pytest.mark.heavy
def test_unfolding_and_folding_gives_the_same_file(published: tuple[bytes, str]) -> None:
    raw, _ = published
    assert spell(folded(unfolded(json.loads(raw)))).encode() == raw


@pytest.mark.heavy
def test_whichever_single_fact_is_altered_the_release_is_refused(
    published: tuple[bytes, str], tmp_path: Path
) -> None:
    raw, authority = published
    tree, file = unfolded(json.loads(raw)), tmp_path / "release.json"
    found, runner = list(leaves(tree)), CliRunner()
    assert len(found) > 400
    touched = {at[1] for at, _ in found if at[0] == "body"}
    assert touched == set(Release.model_fields)
    for at, value in found:
        assert other(value) != value
        file.write_text(spell(folded(changed(tree, at, other(value)))), encoding="utf-8")
        result = runner.invoke(app, ["verify", str(file), "--authority", authority])
        assert (result.exit_code, result.stdout) == (3, ""), at
        assert result.stderr.startswith("Refused: "), at
    file.write_bytes(raw)
    assert runner.invoke(app, ["verify", str(file), "--authority", authority]).exit_code == 0


@pytest.mark.parametrize("claims_to_be", ["itself", "the coordinator"])
def test_who_signs_again_with_another_key_is_refused_whatever_he_altered(
    published: tuple[bytes, str], claims_to_be: str
) -> None:
    raw, authority = published
    signed, forger = Signed.from_canonical(raw), Identity(tape("forger")(32))
    release = signed.peek(Release)
    for change in ({}, {"published_at": release.published_at + 1}, {"figures": ()}):
        forged = Signed.seal(release.model_copy(update=change), forger.private)
        if claims_to_be == "the coordinator":
            forged = forged.model_copy(update={"signer": signed.signer})
        with pytest.raises(ReleaseRefused, match="a document of the release fails its check"):
            verify_release(forged, authority)


def test_the_bare_release_without_its_envelope_is_refused(published: tuple[bytes, str]) -> None:
    raw, _ = published
    bare = Signed.from_canonical(raw).body.encode()
    with pytest.raises(MalformedDocument):
        Signed.from_canonical(bare)
