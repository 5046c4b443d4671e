"""Reading credentials from a request. What they mean is the domains' matter."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from server.core.errors import Unauthorised
from server.core.tokens import is_well_formed

# Declared as FastAPI's security schemes for the OpenAPI document; they never answer by themselves.
SECRET_KEY = HTTPBearer(
    scheme_name="PartnerSecret", description="A partner's secret key, sk_…", auto_error=False
)
DEVICE_TOKEN = HTTPBearer(scheme_name="DeviceToken", description="A device's token, dt_…", auto_error=False)
PUBLISHABLE_KEY = APIKeyHeader(
    name="Stamp-Key", scheme_name="PublishableKey", description="A publishable key, pk_…", auto_error=False
)


def bearer_token(request: Request, prefix: str | None = None) -> str:
    """Return the token of ``Authorization: Bearer …``.

    Parameters
    ----------
    request
        The request.
    prefix
        The kind of token expected: ``sk`` or ``dt``.

    Raises
    ------
    Unauthorised
        Code ``credentials_missing`` without such a header,
        ``credentials_invalid`` when it is no token of ours or of another kind.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token.strip():
        expected = f"{prefix}_…" if prefix else "…"
        raise Unauthorised(f"Send the header Authorization: Bearer {expected}", code="credentials_missing")
    token = token.strip()
    if (
        scheme.lower() != "bearer"
        or not is_well_formed(token)
        or (prefix and not token.startswith(f"{prefix}_"))
    ):
        raise Unauthorised("The bearer token is not valid here.")
    return token


def _secret_key(
    request: Request, _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(SECRET_KEY)]
) -> str:
    return bearer_token(request, "sk")


def _device_token(
    request: Request, _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(DEVICE_TOKEN)]
) -> str:
    return bearer_token(request, "dt")


def _publishable_key(key: Annotated[str | None, Depends(PUBLISHABLE_KEY)]) -> str:
    if not key:
        raise Unauthorised("Send the header Stamp-Key: pk_…", code="credentials_missing", scheme="Stamp-Key")
    if not key.startswith("pk_") or not is_well_formed(key):
        raise Unauthorised("The publishable key is not valid.", scheme="Stamp-Key")
    return key


SecretKeyDep = Annotated[str, Depends(_secret_key)]
DeviceTokenDep = Annotated[str, Depends(_device_token)]
PublishableKeyDep = Annotated[str, Depends(_publishable_key)]
