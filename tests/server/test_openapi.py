"""The whole OpenAPI document under fire: no 5xx, and no answer that the document does not name."""

from contextlib import nullcontext, suppress
from http import HTTPStatus
from tempfile import TemporaryDirectory

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks

from server.app import create_app
from server.settings import Settings

CHECKS = [
    checks.not_a_server_error,
    *(
        getattr(checks, name)
        for name in (
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        )
    ),
]


def _document():
    with TemporaryDirectory() as folder:
        return create_app(Settings(database_url=f"sqlite:///{folder}/unused.db")).openapi()


DOCUMENT = _document()
OPERATIONS = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]


@pytest.fixture
def keys(client, partner, make_stamp, make_program):
    """Give the header that opens each kind of door; behind them lie a shop, a stamp and a programme."""
    make_stamp()
    make_program()
    device = client.post(
        "/v1/devices", json={"algorithm": "HS256"}, headers={"Stamp-Key": partner.publishable_key}
    )
    assert device.status_code == HTTPStatus.CREATED
    return {
        "PartnerSecret": partner.headers,
        "DeviceToken": {"Authorization": f"Bearer {device.json()['token']}"},
        "PublishableKey": {"Stamp-Key": partner.publishable_key},
    }


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part)
def test_every_operation_keeps_to_the_document(app, engine, keys, method, path, mode):
    """With the right key, so that requests get past the door: some fit the document, some do not."""
    operation = schemathesis.openapi.from_asgi("/openapi.json", app)[path][method]
    doors = [door for either in DOCUMENT["paths"][path][method].get("security", []) for door in either]
    headers = keys[doors[0]] if doors else {}

    @settings(
        max_examples=15 if engine.dialect.name == "sqlite" else 5,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    # An operation without parameters cannot be called wrongly.
    with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
        send()


def test_every_operation_is_named_and_documents_its_success():
    """Names are ``resource:verb`` and unique; each operation says what it answers when all goes well."""
    operations = [DOCUMENT["paths"][path][method] for method, path in OPERATIONS]
    names = [operation["operationId"] for operation in operations]
    assert len(names) > 20
    assert len(set(names)) == len(names)
    assert all(name.count(":") == 1 for name in names)
    assert all(any(status.startswith("2") for status in operation["responses"]) for operation in operations)
