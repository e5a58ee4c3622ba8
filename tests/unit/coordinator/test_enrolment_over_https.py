import time
from pathlib import Path

import pytest
from region_home import DAY, FakeClock, Region, flower_line, request_of

from chassis.store import audit_log
from chassis.web.throttle import Throttle
from coordinator.enrolment import invitations
from coordinator.store import centres
from coordinator.web.enrol_api import MOST_BYTES
from privacy.secure_sum.keys import Identity, KemKey
from schemas.enrolment import EnrolStatus, Invitation
from schemas.round import KeyCard
from schemas.signed import Signed


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region(tmp_path / "coordinator", FakeClock(int(time.time())))


def _post(region: Region, request: Signed) -> tuple[int, str]:
    answer = region.client.post("/api/v1/enrol", content=request.canonical())
    return answer.status_code, answer.json().get("type", "")


def _joined(region: Region) -> list[int]:
    with region.store.begin() as connection:
        return [centre.id for centre in centres.enrolled(connection)]


def test_an_invited_centre_is_taken_and_waits_for_approval(region: Region) -> None:
    invitation = region.invite()
    answer = region.client.post("/api/v1/enrol", content=request_of(invitation).canonical())
    status = EnrolStatus.from_canonical(answer.content)
    assert (status.centre, status.name, status.state) == (1, "Centrum A", "pending")


def test_the_same_request_again_gets_the_same_answer_and_changes_nothing(region: Region) -> None:
    request = request_of(region.invite())
    first = region.client.post("/api/v1/enrol", content=request.canonical())
    region.clock.now += 100 * DAY
    assert region.client.post("/api/v1/enrol", content=request.canonical()).content == first.content
    with region.store.begin() as connection:
        events = [c.id for c in centres.enrolled(connection)]
        assert audit_log.check(connection) == 3  # founded, invited, enrolled
    assert events == [1]


def test_a_used_token_lets_no_other_key_in(region: Region) -> None:
    invitation = region.invite()
    region.enrol(request_of(invitation, 1))
    assert _post(region, request_of(invitation, 2)) == (409, "urn:wegwijs:invitation-used")
    same_identity_other_flower_key = request_of(invitation, 1)
    assert _post(region, same_identity_other_flower_key)[0] == 409


def test_a_key_card_that_holds_no_key_is_refused(region: Region) -> None:
    """Every lower centre would have to encapsulate to it."""
    invitation = region.invite()
    me = Identity(bytes([1]) * 32)
    card = KeyCard(id=invitation.centre, generation=1, kem_public="ff" * 1184)
    request = request_of(invitation, 1, card=Signed.seal(card, me.private))
    assert _post(region, request) == (400, "urn:wegwijs:bad-card")
    assert _joined(region) == []


def test_a_wrong_token_is_refused(region: Region) -> None:
    invitation = region.invite()
    request = request_of(invitation, token="B" * 43)
    assert _post(region, request) == (403, "urn:wegwijs:invitation-unknown")
    assert _joined(region) == []


def test_a_token_opens_its_own_place_only(region: Region) -> None:
    first, second = region.invite("A"), region.invite("B")
    mixed = second.model_copy(update={"token": first.token})
    assert _post(region, request_of(mixed))[0] == 403


def test_an_expired_invitation_is_refused_on_the_coordinators_clock(region: Region) -> None:
    request = request_of(region.invite(days=1))
    region.clock.now += DAY + 1
    assert _post(region, request) == (410, "urn:wegwijs:invitation-expired")
    assert _joined(region) == []


def test_a_revoked_invitation_is_refused(region: Region) -> None:
    invitation = region.invite()
    with region.store.begin() as connection:
        invitations.revoke(connection, invitation.centre, region.clock())
    assert _post(region, request_of(invitation)) == (403, "urn:wegwijs:invitation-unknown")


def test_an_identity_enrols_one_centre(region: Region) -> None:
    region.enrol(request_of(region.invite("A"), 1))
    assert _post(region, request_of(region.invite("B"), 1)) == (409, "urn:wegwijs:key-taken")


def test_a_flower_key_serves_one_centre(region: Region) -> None:
    line = flower_line()
    region.enrol(request_of(region.invite("A"), 1, flower=line))
    other = request_of(region.invite("B"), 2, flower=line)
    assert _post(region, other) == (409, "urn:wegwijs:key-taken")


def test_who_does_not_hold_the_identity_cannot_enrol_it(region: Region) -> None:
    invitation = region.invite()
    stolen = request_of(invitation, identity=Identity(b"\x55" * 32).public_hex)
    assert _post(region, stolen) == (400, "urn:wegwijs:bad-signature")


def test_a_key_card_of_another_key_or_id_is_refused(region: Region) -> None:
    invitation, me, other = region.invite(), Identity(b"\x01" * 32), Identity(b"\x02" * 32)
    kem = KemKey(b"\x01" * 64)
    for card in (kem.card(other, invitation.centre), kem.card(me, invitation.centre + 1)):
        assert _post(region, request_of(invitation, 1, card=card))[0] == 400
    assert _joined(region) == []


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff\xfe", b"null", b'{"body":1}'])
def test_anything_else_is_refused_without_a_trace_of_it(region: Region, raw: bytes) -> None:
    answer = region.client.post("/api/v1/enrol", content=raw)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_over_the_limit_is_not_read_to_its_end(region: Region) -> None:
    answer = region.client.post("/api/v1/enrol", content=b"x" * (MOST_BYTES + 1))
    assert answer.status_code == 413


def test_the_token_is_kept_as_a_hash_only(region: Region) -> None:
    invitation = region.invite()
    region.enrol(request_of(invitation))
    files = [path for path in region.folder.iterdir() if path.name.startswith("coordinator.db")]
    assert files
    assert all(invitation.token.encode() not in path.read_bytes() for path in files)


def test_the_status_is_for_who_holds_the_token(region: Region) -> None:
    invitation = region.invite()

    def look(token: str) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = region.client.get(f"/api/v1/enrol/{invitation.centre}", headers=headers)
        return answer.status_code, answer.json().get("state", "")

    assert look(invitation.token)[0] == 403  # nobody came yet
    region.enrol(request_of(invitation))
    assert look(invitation.token) == (200, "pending")
    region.approve()
    assert look(invitation.token) == (200, "approved")
    region.install(roster=region.sign_roster())
    assert look(invitation.token) == (200, "on_roster")
    assert look("B" * 43)[0] == look("")[0] == 403
    assert region.client.get(f"/api/v1/enrol/{invitation.centre}").status_code == 403


def test_papers_are_there_once_the_authority_signed_them(region: Region) -> None:
    for kind in ("roster", "programme"):
        answer = region.client.get(f"/api/v1/{kind}")
        assert (answer.status_code, answer.json()["type"]) == (404, f"urn:wegwijs:no-{kind}")
    region.enrol(request_of(region.invite()))
    region.approve()
    roster, programme = region.sign_roster(), region.sign_programme()
    region.install(roster, programme)
    assert region.client.get("/api/v1/roster").content == roster.canonical()
    assert region.client.get("/api/v1/programme").content == programme.canonical()


def test_too_many_requests_are_asked_to_wait(region: Region) -> None:
    codes = {region.client.post("/api/v1/enrol", content=b"x").status_code for _ in range(121)}
    assert codes == {400, 429}
    region.clock.now += 61
    assert region.client.post("/api/v1/enrol", content=b"x").status_code == 400


def test_a_whole_region_joins_from_one_address_within_a_minute(region: Region) -> None:
    """250 centres join and look how far they came; who guesses meanwhile waits after 120 times."""
    raw = request_of(region.invite()).canonical()
    assert {region.client.post("/api/v1/enrol", content=raw).status_code for _ in range(500)} == {
        200
    }
    codes = [region.client.post("/api/v1/enrol", content=b"x").status_code for _ in range(121)]
    assert codes == [400] * 100 + [429] * 21  # 600 requests of any kind are enough as well


def test_who_guesses_tokens_waits_like_who_guesses_invitations(region: Region) -> None:
    codes = [region.client.get("/api/v1/enrol/1").status_code for _ in range(121)]
    assert codes == [403] * 120 + [429]
    assert region.client.post("/api/v1/enrol", content=b"x").status_code == 429


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["roster", "programme"])
def test_who_reads_papers_on_and_on_waits_and_stops_no_centre_that_joins(
    region: Region, kind: str
) -> None:
    """A whole region may stand behind one address, so it may read often; not without end."""
    codes = [region.client.get(f"/api/v1/{kind}").status_code for _ in range(602)]
    assert codes.index(429) == 600
    last = region.client.get(f"/api/v1/{kind}")
    assert last.json()["type"] == "urn:wegwijs:too-many-requests"
    assert 0 < int(last.headers["retry-after"]) <= 60
    region.enrol(request_of(region.invite()))
    region.clock.now += 61
    assert region.client.get(f"/api/v1/{kind}").status_code != 429


def test_a_paper_is_read_from_the_database_once_and_a_newer_one_is_seen_at_once(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    region.install(programme=region.sign_programme())
    read, found = [], centres.document_of

    def counted(*given: object) -> Signed:
        read.append(given)
        return found(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(centres, "document_of", counted)
    first = region.client.get("/api/v1/programme")
    held = region.client.get("/api/v1/programme", headers={"If-None-Match": first.headers["etag"]})
    assert (held.status_code, held.content, len(read)) == (304, b"", 1)
    newer = region.sign_programme(version=2)
    region.install(programme=newer)
    assert region.client.get("/api/v1/programme").content == newer.canonical()


@pytest.mark.parametrize("stranger", [b"{}", None])
def test_a_stranger_never_makes_the_coordinator_wait_to_write(
    region: Region, stranger: bytes | None
) -> None:
    """Rounds write in transactions one at a time: noise, and whom nobody invited, take none."""
    unknown = request_of(region.invite(), token="B" * 43).canonical()
    with region.store.begin():  # a round is being written
        answer = region.client.post("/api/v1/enrol", content=stranger or unknown)
    assert answer.status_code == (400 if stranger else 403)


def test_one_loud_address_does_not_silence_another() -> None:
    throttle = Throttle(lambda: 100, most=1)
    assert [throttle.wait("a"), throttle.wait("a"), throttle.wait("b")] == [0, 60, 0]


def test_many_addresses_of_one_customer_are_one() -> None:
    throttle = Throttle(lambda: 100, most=1)
    found = [throttle.wait(f"2001:db8::{n:x}") for n in range(3)]
    assert [throttle.full("2001:db8::7"), throttle.full("2001:db8:0:1::7")] == [60, 0]
    assert [*found, throttle.wait("2001:db8:0:1::1")] == [0, 60, 60, 0]


def test_an_invitation_carries_what_a_centre_needs(region: Region) -> None:
    invitation = Invitation.from_text(region.invite().to_text())
    assert invitation.url == "https://127.0.0.1:8443"
    assert invitation.authority == region.authority.public_hex
    assert invitation.ca_pem == (region.folder / "tls" / "ca.pem").read_text()
