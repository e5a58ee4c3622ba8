import os
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from region_home import DAY, FakeClock, Region

from chassis.store import audit_log, settings
from coordinator.certificates import ensure_server_certificate, make_tls_authority
from coordinator.enrolment.invitations import revoke
from coordinator.store import centres
from node.enrolment import joining
from node.enrolment.coordinator_client import (
    EnrolClient,
    NotThere,
    RefusedInvite,
    RefusedRequest,
    Unreachable,
    WrongServer,
)
from node.store import NodeStore, signed_documents
from privacy.secure_sum.keys import Identity
from schemas.enrolment import EnrolStatus, Invitation
from schemas.programme import Programme
from schemas.roster import Roster
from schemas.signed import Signed


@dataclass
class Wire:
    """Carries the node's HTTPS calls to the coordinator's application; may lose an answer."""

    region: Region
    lose: int = 0
    paths: list[str] = field(default_factory=list)

    def __call__(self, url: str, ca_pem: str) -> EnrolClient:
        return EnrolClient(url, ca_pem, httpx.MockTransport(self._carry))

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        answer = self.region.client.request(
            request.method, request.url.path, content=request.read(), headers=dict(request.headers)
        )
        if self.lose:
            self.lose -= 1
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(answer.status_code, content=answer.content)


@dataclass
class Scene:
    """One region and one centre's store."""

    region: Region
    node: NodeStore
    wire: Wire

    @property
    def now(self) -> int:
        return self.region.clock()

    def join(self, invitation: Invitation) -> EnrolStatus:
        return joining.join(self.node, invitation, self.wire, os.urandom, self.now)

    def on_roster(self, programme: Signed | None = None) -> None:
        self.join(self.region.invite())
        self.region.approve()
        self.region.install(self.region.sign_roster(), programme or self.region.sign_programme())

    def agree(self) -> None:
        joining.agree(self.node, joining.fetch(self.node, self.wire, self.now), self.now)

    def settings(self) -> dict[str, bytes | None]:
        names = ("authority", "node", "card", "url", "ca", "token", "name")
        with self.node.begin() as connection:
            return {name: settings.get(connection, name) for name in names}

    def held(
        self,
    ) -> tuple[signed_documents.SignedDocument | None, signed_documents.SignedDocument | None]:
        with self.node.begin() as connection:
            return signed_documents.latest(connection, "roster"), signed_documents.latest(
                connection, "programme"
            )


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    region = Region(tmp_path / "coordinator", FakeClock(int(time.time())))
    return Scene(region, NodeStore.create(tmp_path / "node"), Wire(region))


def test_joining_pins_the_region_and_sends_public_keys_only(scene: Scene) -> None:
    invitation = scene.region.invite()
    assert scene.join(invitation).state == "pending"
    pinned = scene.settings()
    assert pinned["authority"] == scene.region.authority.public_hex.encode()
    assert pinned["node"] == b"1"
    with scene.region.store.begin() as connection, scene.node.begin() as own:
        known = centres.enrolled(connection)[0]
        identity = settings.get(own, "identity") or b""
        assert known.key == Identity(identity).public_hex
        secrets = [settings.get(own, name) or b"" for name in ("identity", "kem", "flower")]
    stored = b"".join(p.read_bytes() for p in scene.region.folder.glob("coordinator.db*"))
    assert all(secret.hex().encode() not in stored and secret not in stored for secret in secrets)


def test_joining_again_changes_nothing(scene: Scene) -> None:
    invitation = scene.region.invite()
    scene.join(invitation)
    before = scene.settings()
    assert scene.join(invitation).state == "pending"
    assert scene.settings() == before
    with scene.node.begin() as connection:
        assert audit_log.check(connection) == 1


def test_a_lost_answer_is_mended_by_joining_again(scene: Scene) -> None:
    invitation = scene.region.invite()
    scene.wire.lose = 1
    with pytest.raises(Unreachable, match="try again"):
        scene.join(invitation)
    assert not any(scene.settings().values())
    assert scene.join(invitation).centre == 1


def test_a_refused_invitation_leaves_nothing_pinned_and_the_next_one_works(scene: Scene) -> None:
    invitation = scene.region.invite()
    with scene.region.store.begin() as connection:
        revoke(connection, invitation.centre, scene.now)
    with pytest.raises(RefusedInvite) as caught:
        scene.join(invitation)
    assert caught.value.exit_code == 2
    assert not any(scene.settings().values())
    assert scene.join(scene.region.invite()).centre == 2


def test_a_store_joins_one_region_as_one_centre(scene: Scene) -> None:
    scene.join(scene.region.invite("A"))
    with pytest.raises(joining.OtherRegion):
        scene.join(scene.region.invite("B"))


@pytest.mark.parametrize("text", ["", "hello", "wegwijs1:", "wegwijs1:AAAA"])
def test_a_wrong_invitation_is_one_sentence_and_exit_code_2(text: str) -> None:
    with pytest.raises(joining.WrongInvitation, match="Nothing was changed") as caught:
        joining.read_invitation(text, 0)
    assert caught.value.exit_code == 2


def test_an_expired_invitation_is_noticed_before_anything_is_sent(scene: Scene) -> None:
    text = scene.region.invite(days=1).to_text()
    with pytest.raises(joining.WrongInvitation, match="expired") as caught:
        joining.read_invitation(text, scene.now + 2 * DAY)
    assert caught.value.exit_code == 2
    assert scene.wire.paths == []


def test_agreeing_stores_papers_and_approval(scene: Scene) -> None:
    scene.on_roster()
    proposal = joining.fetch(scene.node, scene.wire, scene.now)
    assert scene.held() == (None, None)  # looking stores nothing
    joining.agree(scene.node, proposal, scene.now)
    roster, programme = scene.held()
    assert roster is not None
    assert programme is not None
    assert programme.approved_at == scene.now
    again = joining.fetch(scene.node, scene.wire, scene.now)
    assert again.approved
    joining.agree(scene.node, again, scene.now + 5)
    assert scene.held()[1] == programme


def test_who_has_not_joined_has_nothing_to_approve(scene: Scene) -> None:
    with pytest.raises(joining.NotJoined) as caught:
        joining.fetch(scene.node, scene.wire, scene.now)
    assert caught.value.exit_code == 4


def test_before_the_authority_signs_there_is_nothing_to_approve(scene: Scene) -> None:
    scene.join(scene.region.invite())
    with pytest.raises(NotThere, match="roster"):
        joining.fetch(scene.node, scene.wire, scene.now)


def test_a_centre_that_is_not_on_the_roster_waits(scene: Scene) -> None:
    scene.on_roster()
    late = Scene(scene.region, NodeStore.create(scene.node.folder / "late"), scene.wire)
    late.join(scene.region.invite("B"))
    with pytest.raises(joining.NotOnRoster):
        joining.fetch(late.node, late.wire, late.now)


def test_an_expired_programme_is_refused_and_nothing_is_stored(scene: Scene) -> None:
    scene.on_roster(scene.region.sign_programme(days=10))
    scene.region.clock.now += 10 * DAY
    with pytest.raises(joining.ExpiredProgramme, match="expired"):
        joining.fetch(scene.node, scene.wire, scene.now)
    assert scene.held() == (None, None)


def _forge(scene: Scene, kind: str, signed: Signed) -> None:
    """Let the coordinator serve another document than the authority's."""
    with scene.region.store.begin() as connection:
        version = 99
        centres.keep_paper(connection, kind, version, "00" * 32, signed)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["roster", "programme"])
def test_a_paper_that_the_coordinator_signed_itself_is_refused(scene: Scene, kind: str) -> None:
    scene.on_roster()
    with scene.region.store.begin() as connection:
        genuine = centres.latest(connection, kind)  # type: ignore[arg-type]
    assert genuine is not None
    body = genuine.peek(Roster if kind == "roster" else Programme)
    _forge(scene, kind, Signed.seal(body, scene.region.coordinator.private))
    with pytest.raises(joining.WrongDocument, match="not signed by the authority"):
        joining.fetch(scene.node, scene.wire, scene.now)


def test_an_older_roster_than_the_pinned_one_is_refused_whole(scene: Scene) -> None:
    scene.on_roster()
    old = scene.region.sign_roster()
    with scene.region.store.begin() as connection:
        first = centres.latest(connection, "roster")
    assert first is not None
    scene.region.install(roster=old)
    scene.agree()
    _forge(scene, "roster", first)
    _forge(scene, "programme", scene.region.sign_programme(version=2))
    with pytest.raises(joining.WrongDocument, match="older"):
        scene.agree()
    held = scene.held()[1]
    assert held is not None
    assert held.version == 1


def test_a_new_version_shows_what_changed_and_waits_for_approval(scene: Scene) -> None:
    scene.on_roster()
    scene.agree()
    scene.region.install(programme=scene.region.sign_programme(version=2))
    proposal = joining.fetch(scene.node, scene.wire, scene.now)
    assert proposal.before is not None
    assert (proposal.before.version, proposal.programme.version) == (1, 2)
    assert not proposal.approved


def test_an_answer_that_is_no_document_is_refused(scene: Scene) -> None:
    def nonsense(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"<html>")

    ca = (scene.region.folder / "tls" / "ca.pem").read_text()
    with (
        EnrolClient("https://127.0.0.1:1", ca, httpx.MockTransport(nonsense)) as client,
        pytest.raises(RefusedRequest),
    ):
        client.roster()


def _one_handshake(tls: Path, listener: socket.socket) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "server.pem", tls / "server.key")
    bare, _ = listener.accept()
    try:
        with context.wrap_socket(bare, server_side=True) as wrapped:
            wrapped.recv(1)
    except OSError:
        bare.close()


def test_a_server_with_another_certificate_hears_nothing(scene: Scene, tmp_path: Path) -> None:
    make_tls_authority(tmp_path / "tls", "impostor", scene.now)
    ensure_server_certificate(tmp_path / "tls", [], scene.now)
    invitation = scene.region.invite()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_one_handshake, args=(tmp_path / "tls", listener))
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        elsewhere = invitation.model_copy(update={"url": url})
        with pytest.raises(WrongServer, match="not the one of the invitation"):
            joining.join(scene.node, elsewhere, EnrolClient, os.urandom, scene.now)
        thread.join(5)
    assert not any(scene.settings().values())


def test_a_server_that_is_not_there_is_one_sentence(scene: Scene) -> None:
    ca = (scene.region.folder / "tls" / "ca.pem").read_text()
    with EnrolClient("https://127.0.0.1:1", ca) as client, pytest.raises(Unreachable) as caught:
        client.roster()
    assert caught.value.exit_code == 4
