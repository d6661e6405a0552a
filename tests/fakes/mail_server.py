"""A server of mail on a port of its own: what it took is in `taken`."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import warnings
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import msgspec
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from fairlead.local.pki import Pki

USER, PASSWORD = "bot@example.com", "the-password-of-the-mail"


class Taken(msgspec.Struct):
    """One message."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    is_encrypted: bool
    user: str


class MailServer:
    """With `offers_tls` it has STARTTLS, with `implicit` it speaks TLS from the start."""

    def __init__(self, pki: Pki, *, offers_tls: bool = True, wants_user: bool = False) -> None:
        self.port = 0
        self.taken: list[Taken] = []
        self.refused: dict[str, str] = {}
        self.answer = "250 OK"
        self._offers_tls = offers_tls
        self._wants_user = wants_user
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(pki.server.certificate, pki.server.key)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[MailServer]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._conversation, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    def _conversation(self) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return SMTP(
                self,
                hostname="mail.example.com",
                tls_context=self.tls if self._offers_tls else None,
                authenticator=self._known,
                auth_required=self._wants_user,
                auth_require_tls=False,
                enable_SMTPUTF8=True,
            )

    def _known(
        self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        is_fine = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_fine, handled=is_fine, auth_data=data.login.decode())

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = cast(bytes, envelope.content)
        message = message_from_bytes(content, policy=policy.default)
        if self.answer.startswith("2"):
            self.taken.append(
                Taken(
                    sender=str(envelope.mail_from),
                    recipients=list(envelope.rcpt_tos),
                    message=message,
                    is_encrypted=session.ssl is not None,
                    user=str(getattr(session, "auth_data", None) or ""),
                )
            )
        return self.answer
