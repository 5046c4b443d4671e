"""What every answer carries, and what the log says of it."""

import json

import pytest
import structlog

from server.core.logs import hide_secrets
from server.core.tokens import new_token


def test_every_answer_has_the_headers_that_browsers_defences_need(client):
    for path in ("/healthz", "/v1/shops", "/nowhere", "/metrics"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert client.get("/v1/shops").headers["cache-control"] == "no-store"


def test_a_request_id_is_kept_when_it_is_one_and_made_when_it_is_not(client):
    assert (
        client.get("/healthz", headers={"X-Request-Id": "abc-12345"}).headers["x-request-id"] == "abc-12345"
    )
    made = client.get("/healthz", headers={"X-Request-Id": 'a"b\tc'}).headers["x-request-id"]
    assert made.startswith("req_")
    assert client.get("/healthz").headers["x-request-id"] != made


@pytest.mark.parametrize("kind", ["sk", "dt", "pk", "ow", "ctr"])
def test_tokens_and_secret_members_never_reach_the_log(kind):
    token = new_token(kind)
    shown = hide_secrets(
        structlog.get_logger(),
        "info",
        {
            "event": f"refused {token} at the door",
            "authorization": f"Bearer {token}",
            "envelope": "eyJ",
            "status": 200,
        },
    )
    assert token[4:] not in json.dumps(shown)
    assert "eyJ" not in json.dumps(shown)
    assert shown["status"] == 200


def test_metrics_count_by_route_template_and_never_by_path(client, partner):
    client.get("/v1/shops/shp_" + "0" * 32, headers=partner.headers)
    client.get("/nowhere/" + "x" * 50)
    client.request("BREW", "/healthz")
    text = client.get("/metrics").text
    assert 'stamp_http_requests_total{method="GET",route="/v1/shops/{shop_id}",status="404"} 1.0' in text
    assert 'route="unmatched",status="404"' in text
    assert 'method="OTHER"' in text
    assert "nowhere" not in text
    assert "shp_" not in text
    assert "stamp_registered_stamps 0.0" in text


def test_alive_and_ready(client, app):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}
    app.state.readiness.append(lambda: "Still warming up.")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["code"] == "not_ready"
    assert answer.json()["detail"] == "Still warming up."
