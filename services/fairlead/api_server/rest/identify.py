"""The caller of an HTTP request: where a token may stand, and what becomes of one near its end."""

from collections.abc import Mapping

from aiohttp import web

from fairlead.api_server.identities import Identities
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.rest.connection import is_known
from fairlead.auth import cookies

BEARER = "bearer "
RENEWED = web.RequestKey("renewed", str)
"""The session that takes the place of the request's, for its answer's cookies."""
JWT_DOTS = 2


def token_of(request: web.Request) -> str:
    """The token, from a header, then the cookie; "" without any."""
    return token_of_headers(request.headers) or cookies.joined(request.cookies)


def token_of_headers(headers: Mapping[str, str]) -> str:
    """The token, from header `token`, then `authorization: Bearer`; "" without any."""
    plain = headers.get("token", "")
    if plain:
        return plain
    authorization = headers.get("authorization", "")
    if authorization[: len(BEARER)].lower() == BEARER and authorization.count(".") == JWT_DOTS:
        return authorization[len(BEARER) :].strip()
    return ""


async def caller_of(request: web.Request, identities: Identities, *, is_public: bool) -> Caller:
    """Who asks. Raises RefusalError without a session, unless the operation is public."""
    found = await identities.identify(token_of(request), request.remote or "", is_public=is_public)
    if found.renewed:
        request[RENEWED] = found.renewed
    if found.caller.is_trusted:
        is_known(request)
    return found.caller
