"""The caller of an HTTP request: where a token may stand, and what becomes of one near its end."""

from aiohttp import web

from fairlead.api_server.operations.caller import Caller, of_claims
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.auth import cookies
from fairlead.auth.errors import InvalidSessionError
from fairlead.auth.sessions import Sessions

BEARER = "bearer "
JWT_DOTS = 2


def token_of(request: web.Request) -> str:
    """The token, from header `token`, then `Authorization: Bearer`, then the cookie; "" without any."""
    plain = request.headers.get("token", "")
    if plain:
        return plain
    authorization = request.headers.get("Authorization", "")
    if authorization[: len(BEARER)].lower() == BEARER and authorization.count(".") == JWT_DOTS:
        return authorization[len(BEARER) :].strip()
    return cookies.joined(request.cookies)


async def caller_of(request: web.Request, sessions: Sessions, *, is_public: bool) -> Caller:
    """Who asks. Raises RefusalError without a session, unless the operation is public."""
    token, address = token_of(request), request.remote or ""
    stranger = Caller(address=address)
    if not token:
        if is_public:
            return stranger
        raise RefusalError(Code.UNAUTHENTICATED, "no session information")
    try:
        claims = await sessions.authenticate(token)
    except InvalidSessionError as error:
        if is_public:
            return stranger
        raise RefusalError(Code.UNAUTHENTICATED, str(error)) from None
    renewed = sessions.renewed(claims)
    if renewed is not None:
        request["renewed"] = renewed
    return of_claims(claims, token, address)
