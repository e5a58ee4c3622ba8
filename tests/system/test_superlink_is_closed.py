"""Flower's Control and Runtime APIs have no login that holds: no other user of the machine may
reach them at all."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import httpx
import pytest

from coordinator.carrier.superlink import Files, SuperLink
from coordinator.certificates import ensure_server_certificate, make_tls_authority

pytestmark = pytest.mark.system

_ASK = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
line = socket.socket(socket.AF_UNIX)
line.settimeout(5)
try:
    line.connect(sys.argv[1])
except OSError as error:
    print(type(error).__name__)
    raise SystemExit
head = b" HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 0\\r\\n\\r\\n"
line.sendall(b"POST " + sys.argv[2].encode() + head)
print(line.recv(100).decode())
"""


@pytest.fixture(scope="module")
def superlink() -> Iterator[SuperLink]:
    """In a folder that everybody may enter, so that what protects it is its own doing."""
    root = Path(tempfile.mkdtemp(prefix="wegwijs-open-"))
    root.chmod(0o755)
    tls = root / "tls"
    make_tls_authority(tls, "test", int(time.time()))
    ensure_server_certificate(tls, [], int(time.time()))
    (root / "secret").write_bytes(os.urandom(32))
    files = Files(root / "link", tls / "ca.pem", tls / "server.pem", tls / "server.key",
                  root / "secret")  # fmt: skip
    with SuperLink(files) as made:
        yield made
    shutil.rmtree(root)


def _paths(router: str) -> list[str]:
    source = Path(str(import_module(router).__file__)).read_text(encoding="utf-8")
    return re.findall(r'@router\.post\(\s*"(/[a-z-]+)"', source)


def _methods() -> list[str]:
    control = import_module("flwr.superlink.routers.control.router")
    found = [f"{control.router.prefix}{path}" for path in _paths(control.__name__)]
    source = import_module("flwr.supercore.runtime.runtime_http_client")
    text = Path(str(source.__file__)).read_text(encoding="utf-8")
    return found + re.findall(r'path="(/v1/runtime/[a-z-]+)"', text)


def test_flower_has_the_methods_that_the_others_are_refused() -> None:
    found = _methods()
    assert {"/v1/control/list-runs", "/v1/control/start-run", "/v1/control/register-node",
            "/v1/runtime/acquire-task", "/v1/runtime/pull-messages"} <= set(found)  # fmt: skip
    assert len(found) > 30


def test_its_own_user_reaches_it_so_the_refusals_mean_something(superlink: SuperLink) -> None:
    transport = httpx.HTTPTransport(uds=str(superlink.socket))
    with httpx.Client(transport=transport) as client:
        assert client.post("http://superlink/v1/control/list-runs").status_code != 404
        unsigned = client.post(
            "http://superlink/v1/runtime/acquire-task",
            headers={"content-type": "application/protobuf"},
        )
    assert unsigned.status_code == 401  # without the executor's secret


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
def test_another_user_reaches_no_method_of_it(superlink: SuperLink) -> None:
    for path in _methods():
        said = subprocess.run(
            [sys.executable, "-c", _ASK, str(superlink.socket), path],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert said.stdout.strip() == "PermissionError", (path, said.stdout, said.stderr)


def test_only_its_owner_may_enter_the_folder_and_no_message_is_written_there(
    superlink: SuperLink,
) -> None:
    folder = superlink.socket.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir() if path.is_file()} == {"superlink.log"}


def test_it_listens_on_no_port(superlink: SuperLink) -> None:
    own = {str(link.readlink()) for link in Path(f"/proc/{superlink.pid}/fd").iterdir()}
    listening = [
        line.split()
        for kind in ("tcp", "tcp6")
        for line in Path(f"/proc/{superlink.pid}/net/{kind}").read_text().splitlines()[1:]
    ]
    ports = [f[1] for f in listening if f[3] == "0A" and f"socket:[{f[9]}]" in own]
    assert ports == []


def test_a_folder_with_a_long_path_gets_a_short_socket_that_is_as_private(tmp_path: Path) -> None:
    nowhere = tmp_path / "x"
    made = SuperLink(Files(tmp_path / ("long" * 30), nowhere, nowhere, nowhere, nowhere))
    try:
        assert len(os.fsencode(made.socket)) < 107
        assert stat.S_IMODE(made.socket.parent.stat().st_mode) == 0o700
        assert made.socket == made.socket
    finally:
        made.stop()
    assert not made.socket.parent.exists() or made.socket.parent.stat().st_uid == os.geteuid()
