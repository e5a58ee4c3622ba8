"""What both doors use of Flower's inside must be there, with these names: flwr 1.41.0, pinned."""

import importlib
import inspect
from importlib.metadata import version
from pathlib import Path

import pytest

from coordinator.web.fleet_proxy import FLEET_CALLS

USED = {
    "flwr.app": ["ConfigRecord", "Error", "Message", "Metadata", "RecordDict"],
    "flwr.app.message": ["make_message", "remove_content_from_message"],
    "flwr.cli.build": ["build_fab_from_disk"],
    "flwr.common.constant": ["SUPERLINK_NODE_ID", "TIMESTAMP_HEADER", "ErrorCode", "SubStatus"],
    "flwr.common.serde": [
        "fab_to_proto", "message_from_proto", "message_to_proto", "run_from_proto",
    ],
    "flwr.supercore.control": ["ControlHttpClient"],
    "flwr.supercore.fab": ["Fab"],
    "flwr.supercore.interceptors": [
        "RuntimeTokenHttpInterceptor", "RuntimeVersionHttpInterceptor",
        "SuperExecAuthHttpInterceptor",
    ],
    "flwr.supercore.primitives.asymmetric": ["public_key_to_bytes"],
    "flwr.supercore.runtime": ["RuntimeHttpClient"],
    "flwr.supernode.fleet_http_client": ["FleetHttpClient"],
}  # fmt: skip

SIGNATURES = {
    "flwr.app.message:make_message": ["metadata", "content", "error"],
    "flwr.cli.build:build_fab_from_disk": ["app"],
    "flwr.supercore.fab:Fab": ["hash_str", "content", "verifications"],
    "flwr.superlink.grid:HttpGrid": [
        "runtime_api_address", "insecure", "root_certificates", "token",
    ],
    "flwr.supercore.protobuf.client:ProtobufClient.from_server_address": [
        "server_address", "insecure", "root_certificates", "interceptors", "retry_invoker",
    ],
    "flwr.supercore.inflatable.inflatable_utils:pull_objects": [
        "object_ids", "pull_object_fn", "max_concurrent_pulls",
    ],
    "flwr.supercore.inflatable.inflatable_utils:push_objects": [
        "objects", "push_object_fn", "object_ids_to_push", "max_concurrent_pushes",
    ],
    "flwr.supercore.inflatable.inflatable_utils:inflate_object_from_contents": [
        "object_id", "object_contents",
    ],
    "flwr.supercore.inflatable.inflatable_protobuf_utils:make_pull_object_fn_protobuf": [
        "pull_object_protobuf", "node", "run_id",
    ],
    "flwr.supercore.inflatable.inflatable_protobuf_utils:make_push_object_fn_protobuf": [
        "push_object_protobuf", "node", "run_id", "session_id",
    ],
}  # fmt: skip


def found(name: str) -> object:
    module, _, path = name.partition(":")
    thing: object = importlib.import_module(module)
    for part in path.split("."):
        thing = getattr(thing, part)
    return thing


def test_the_installed_flower_is_the_one_that_was_read() -> None:
    assert version("flwr") == "1.41.0"


@pytest.mark.parametrize("module", sorted(USED))
def test_flower_has_the_names_that_are_used(module: str) -> None:
    there = importlib.import_module(module)
    assert [name for name in USED[module] if not hasattr(there, name)] == []


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_flower_takes_the_arguments_that_are_given(name: str) -> None:
    taken = inspect.signature(found(name)).parameters  # type: ignore[arg-type]
    assert [word for word in SIGNATURES[name] if word not in taken] == []


def test_the_grid_still_builds_its_client_where_ours_replaces_it() -> None:
    source = inspect.getsource(found("flwr.superlink.grid:HttpGrid"))  # type: ignore[arg-type]
    words = ("def _connect", "_runtime_client", "_addr", "_insecure", "_cert", "_token", "_client")
    assert [word for word in words if word not in source] == []


def test_flower_serves_the_ten_fleet_calls_that_the_port_lets_through() -> None:
    source = inspect.getsource(importlib.import_module("flwr.superlink.routers.fleet.router"))
    assert [call for call in FLEET_CALLS if f'"/{call}"' not in source] == []


def test_the_superlink_still_has_the_options_it_is_started_with() -> None:
    package = Path(str(importlib.import_module("flwr").__file__)).parent
    read = [*package.rglob("cli/*.py"), package / "common/args.py"]
    read.append(package / "supercore/auth/superexec_secret.py")
    source = "".join(path.read_text(encoding="utf-8") for path in read)
    wanted = (
        "--host", "--port", "--database", "--isolation", "--superexec-auth-secret-file",
        "--enable-supernode-auth", "--disable-runtime-dependency-installation",
        "--ssl-ca-certfile", "--ssl-certfile", "--ssl-keyfile",
    )  # fmt: skip
    assert [option for option in wanted if f'"{option}"' not in source] == []
