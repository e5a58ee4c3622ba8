"""An auditor makes the sum of a real round again, and finds out who published another one."""

import base64
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from region import DAY, NOW, Region, make_region, sample_records
from typer.testing import CliRunner

from coordinator.cli import app as coordinator
from coordinator.rounds import closing
from coordinator.store import rounds
from deploy.cli import app as anyone
from node.rounds import contribution
from privacy.secure_sum.wire import Contribution
from privacy.transcript import MAGIC, TranscriptRefused, audit
from privacy.verify import verify_release
from schemas.catalogue.default import programme_of_year
from schemas.programme import Programme
from schemas.round import Descriptor
from schemas.transcript import TranscriptHead
from schemas.units import UnixSeconds


def small_programme() -> Programme:
    whole = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(NOW + 365 * DAY))
    statistic = whole.by_id["trajectories"].model_copy(update={"views": ((), ("gender",))})
    asks = tuple(ask for ask in whole.asks if ask.statistic == "trajectories")
    return Programme(**{**dict(whole), "statistics": (statistic,), "asks": asks})


def run(region: Region, killed: tuple[int, ...] = ()) -> int:
    number = region.announce()
    region.ticks(3)
    for node in killed:
        region.carrier.kill(node)
    region.ask("open", number)
    region.ticks(3)
    region.ask("close", number)
    region.ticks(6)
    assert region.status(number)["state"] == "PUBLISHED"
    return number


def region_of(folder: Path) -> Region:
    people = {n: sample_records(n, 8 + n) for n in range(1, 11)}
    return make_region(folder, people, programme=small_programme())


def files(region: Region, number: int, folder: Path) -> tuple[Path, Path]:
    """(transcript, release), as the operator's command and the public port give them."""
    transcript, release = folder / f"{number}.transcript", folder / f"{number}.json"
    words = ["transcript", "export", str(number), "--dir", str(region.store.folder)]
    done = CliRunner().invoke(coordinator, [*words, "--out", str(transcript), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["bytes"] == transcript.stat().st_size
    release.write_bytes(region.signed_release().canonical())
    return transcript, release


def audited(region: Region, transcript: Path, *words: str) -> Result:
    key = region.authority.public_hex
    return CliRunner().invoke(anyone, ["audit", str(transcript), "--authority", key, *words])


@pytest.mark.parametrize("killed", [(), (3,), (3, 7)])
def test_the_sum_of_a_true_release_is_made_again_bit_for_bit(
    tmp_path: Path, killed: tuple[int, ...]
) -> None:
    region = region_of(tmp_path / "region")
    transcript, release = files(region, run(region, killed), tmp_path)
    result = audited(region, transcript, "--release", str(release))
    assert result.exit_code == 0, result.stderr
    assert f"{10 - len(killed)} certified centres" in result.stdout
    assert "True: release year-2024-r1 holds exactly this sum." in result.stdout
    with transcript.open("rb") as file:
        total = audit(file.read, region.authority.public_hex).total
    assert base64.b64encode(total.astype("<i8").tobytes()).decode() == region.release().sum


def test_a_coordinator_that_published_another_sum_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It doubles the sum before it makes and signs the figures: verify cannot see that."""
    true = closing.without_excess
    monkeypatch.setattr(closing, "without_excess", lambda *given: 2 * true(*given))
    region = region_of(tmp_path / "region")
    transcript, release = files(region, run(region, (3,)), tmp_path)
    assert verify_release(region.signed_release(), region.authority.public_hex).centres == 9
    result = audited(region, transcript, "--release", str(release))
    assert (result.exit_code, result.stdout) == (3, "")
    assert "its sum is not that of the certified contributions" in result.stderr
    assert "trajectories@start" in result.stderr


def test_a_round_in_which_a_pair_disagreed_is_audited_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Centre 3 commits to a secret that it does not share with 5: one of the two is left out."""
    region = region_of(tmp_path / "region")
    true = contribution.contribute

    def false_commitment(view, identity, keys, links, noisy, random):  # type: ignore[no-untyped-def]
        made = true(view, identity, keys, links, noisy, random)
        if identity.public_hex != region.roster.centre(3).key:
            return made
        sent = Contribution.from_bytes(made.message, view)
        at = 32 * view.secrets[5]
        other = sent.commitments[:at] + bytes(32) + sent.commitments[at + 32 :]
        sent = replace(sent, commitments=other)
        signed = replace(sent, signature=identity.sign(sent.header.digest(view.rid)))
        return replace(made, message=signed.to_bytes())

    monkeypatch.setattr(contribution, "contribute", false_commitment)
    transcript, release = files(region, run(region), tmp_path)
    _, head, _, _ = sizes(transcript.read_bytes())
    assert len(head.removed) == 1
    assert head.removed[0].id in (3, 5)
    result = audited(region, transcript, "--release", str(release))
    assert result.exit_code == 0, result.stderr
    assert "9 certified centres" in result.stdout


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Region, bytes]:
    """A round of nine of ten centres, and its transcript."""
    folder = tmp_path_factory.mktemp("world")
    region = region_of(folder / "region")
    transcript, _ = files(region, run(region, (3,)), folder)
    return region, transcript.read_bytes()


def refused(raw: bytes, region: Region) -> str:
    with pytest.raises(TranscriptRefused) as error:
        audit(io.BytesIO(raw).read, region.authority.public_hex)
    return str(error.value)


def sizes(raw: bytes) -> tuple[int, TranscriptHead, int, int]:
    """(where the parts start, the head, bytes of a centre's part, bytes of a member's answer)."""
    start = 9 + int.from_bytes(raw[5:9], "big")
    head = TranscriptHead.from_canonical(raw[9:start])
    found = head.certificate.descriptor.peek(Descriptor)
    secrets = len(found.active) + len(found.parameters.levels)
    size = found.announcement.length * found.announcement.width // 8 + 32 * secrets
    answer = (len(raw) - start - 9 * size) // len(head.members)
    return start, head, size, answer


def test_a_byte_changed_anywhere_is_found_out(world: tuple[Region, bytes]) -> None:
    region, raw = world
    start, _, _, _ = sizes(raw)
    places = [*range(0, start, max(1, start // 60)), *range(start, len(raw), 97), len(raw) - 1]
    for place in places:
        other = bytearray(raw)
        other[place] ^= 1
        assert refused(bytes(other), region)


def test_parts_that_changed_places_are_found_out(world: tuple[Region, bytes]) -> None:
    region, raw = world
    start, _, size, _ = sizes(raw)
    first, second = raw[start : start + size], raw[start + size : start + 2 * size]
    swapped = raw[:start] + second + first + raw[start + 2 * size :]
    assert "is not the one that it signed" in refused(swapped, region)


@pytest.mark.parametrize("cut", [1, 64, 5_000])
def test_a_transcript_that_ends_early_or_late_is_refused(
    world: tuple[Region, bytes], cut: int
) -> None:
    region, raw = world
    assert refused(raw[:-cut], region) == "the transcript ends early"
    assert refused(raw + bytes(cut), region) == "bytes after the end of the transcript"


def test_a_transcript_under_another_authority_is_refused(
    world: tuple[Region, bytes], tmp_path: Path
) -> None:
    region, raw = world
    path = tmp_path / "transcript"
    path.write_bytes(raw)
    words = ["audit", str(path), "--authority", region.coordinator.public_hex]
    result = CliRunner().invoke(anyone, words)
    assert result.exit_code == 3
    assert f"The transcript {path} proves nothing." in result.stderr


def test_too_few_opened_shares_are_a_sentence_and_no_sum(world: tuple[Region, bytes]) -> None:
    region, raw = world
    start, head, size, answer = sizes(raw)
    few = head.model_copy(update={"members": head.members[:2]}).canonical()
    body = raw[start : start + 9 * size + 2 * answer]
    found = refused(MAGIC + len(few).to_bytes(4, "big") + few + body, region)
    assert "2 members answered" in found


@given(st.binary(max_size=200))
def test_bytes_that_are_no_transcript_are_refused(raw: bytes) -> None:
    for hostile in (raw, MAGIC + raw, MAGIC + len(raw).to_bytes(4, "big") + raw):
        with pytest.raises(TranscriptRefused):
            audit(io.BytesIO(hostile).read, "00" * 32)


def test_a_head_that_claims_gigabytes_is_not_read() -> None:
    asked: list[int] = []
    file = io.BytesIO(MAGIC + b"\xff" * 4)

    def read(size: int) -> bytes:
        asked.append(size)
        return file.read(size)

    with pytest.raises(TranscriptRefused, match="too long"):
        audit(read, "00" * 32)
    assert max(asked) < 10


def kept(region: Region, number: int) -> dict[str, set[int]]:
    with region.store.begin() as connection:
        return {
            kind: set(rounds.who_answered(connection, number, kind))
            for kind in ("slots", "vector", "commitments", "shares", "header")
        }


def test_after_the_sum_no_sealed_share_stays_nor_a_vector_outside_it(tmp_path: Path) -> None:
    region = region_of(tmp_path / "region")
    found = kept(region, run(region, (3,)))
    assert found["slots"] == set()
    assert found["vector"] == found["commitments"] == set(region.release().in_sum)


def test_a_transcript_is_deleted_when_its_time_is_over(tmp_path: Path) -> None:
    region = region_of(tmp_path / "region")
    folder = ["--dir", str(region.store.folder)]
    assert CliRunner().invoke(coordinator, ["transcript", "keep", "30", *folder]).exit_code == 0
    number = run(region)
    region.clock.now += 30 * DAY
    region.ticks(1)
    assert len(kept(region, number)["vector"]) == 10
    region.clock.now += 1
    region.ticks(1)
    found = kept(region, number)
    assert found["vector"] == found["commitments"] == found["shares"] == set()
    assert len(found["header"]) == 10  # by which a centre notices a disk that was put back
    words = ["transcript", "export", str(number), *folder, "--out", str(tmp_path / "late")]
    result = CliRunner().invoke(coordinator, words, env={"WEGWIJS_LANG": "en"})
    assert result.exit_code == 4
    assert f"There is no transcript of round {number}: it was not summed" in result.stderr
    assert not (tmp_path / "late").exists()


def test_a_round_that_was_given_up_leaves_no_vector_behind(tmp_path: Path) -> None:
    region = region_of(tmp_path / "region")
    number = region.announce()
    region.ticks(3)
    region.ask("open", number)
    region.ticks(3)
    assert len(kept(region, number)["slots"]) == 10
    region.ask("abandon", number)
    region.ticks(6)
    assert region.status(number)["state"] == "ABANDONED"
    assert kept(region, number)["slots"] == set()
