"""Mail, by SMTP: encrypted from the first byte on port 465, elsewhere as soon as the server offers it.

Invariant: a password is told over an encrypted connection alone, or not at all (CRAM-MD5); and a header is
one line, whatever a template or an annotation put into it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, getaddresses

import aiosmtplib
import msgspec
from aiosmtplib import SMTP

from fairlead.notices.senders.fields import digest, required
from fairlead.notices.senders.sender import DeliveryError, Message, OptionError
from fairlead.notices.senders.shapes import block_of
from fairlead.outbound import Outbound, OutboundError, OutboundTransientError
from fairlead.secret import Secret

DEADLINE = 45.0
"""Seconds for all addresses of a server and the whole conversation."""
STEP = 20.0
"""Seconds for one answer of the server."""
IMPLICIT_TLS = 465
MOST_RECIPIENTS = 50
_SPACE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class EmailOptions(msgspec.Struct, frozen=True, kw_only=True):
    """A server and who writes. Without a user nobody logs in."""

    host: str = ""
    port: int = 0
    username: str = ""
    password: Secret = Secret("")
    sender: str = msgspec.field(name="from", default="")
    html: bool = False
    insecure_skip_verify: bool = False


class EmailBlock(msgspec.Struct, frozen=True, kw_only=True):
    """What a template says for mail; the body is the message when there is none."""

    subject: str = ""
    body: str = ""


class Email:
    """Sends by one server."""

    def __init__(self, outbound: Outbound, options: EmailOptions, implicit: int = IMPLICIT_TLS) -> None:
        required("email", host=options.host, port=options.port, **{"from": options.sender})
        if not 0 < options.port < 65536:
            raise OptionError("service email: port is no port")
        if not _addresses(options.sender):
            raise OptionError("service email: from is no address of mail")
        self._outbound = outbound
        self._options = options
        self._implicit = implicit

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To an address, or several with commas between them."""
        to = _addresses(recipient)
        if not to or len(to) > MOST_RECIPIENTS:
            words = f"the recipient {recipient[:100]!r} is no address of mail, nor at most {MOST_RECIPIENTS}"
            raise DeliveryError(words, may_pass=False)
        block = block_of("email", EmailBlock, message.blocks.get("email"))
        written = self._written(message, block, to, dedupe)
        limit = asyncio.timeout(DEADLINE)
        try:
            async with limit:
                await self._deliver(written, [address.addr_spec for address in to])
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            if isinstance(error, TimeoutError) and limit.expired():
                words = f"{self._options.host} was not done after {DEADLINE:g} s"
                raise DeliveryError(words, may_pass=True) from None
            raise _failure(self._options.host, error) from None

    def _written(self, message: Message, block: EmailBlock, to: list[Address], dedupe: str) -> EmailMessage:
        written = EmailMessage()
        sender = _addresses(self._options.sender)[0]
        written["From"] = sender
        written["To"] = to
        written["Subject"] = _line(block.subject)
        written["Date"] = formatdate()
        domain = sender.domain or "fairlead"
        written["Message-ID"] = f"<{digest(dedupe, *(address.addr_spec for address in to))}@{domain}>"
        written["Auto-Submitted"] = "auto-generated"
        body = block.body or message.text
        written.set_content(_lines(body), subtype="html" if self._options.html else "plain")
        return written

    async def _deliver(self, written: EmailMessage, to: list[str]) -> None:
        options = self._options
        implicit = options.port == self._implicit
        client = SMTP(
            hostname=options.host,
            sock=await self._connected(),
            use_tls=implicit,
            start_tls=False,
            tls_context=self._outbound.tls(options.host, insecure=options.insecure_skip_verify),
            timeout=STEP,
            local_hostname="fairlead",
        )
        try:
            await client.connect()
            if not implicit:
                await client.ehlo()
                if client.supports_extension("starttls"):
                    await client.starttls()
                    await client.ehlo()
            if options.username:
                await self._log_in(client)
            refused, _ = await client.send_message(written, recipients=to)
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
        finally:
            client.close()
        if refused:
            told = "; ".join(f"{address}: {code}" for address, (code, _) in refused.items())
            raise DeliveryError(f"the others got it, but {options.host} refused {told}", may_pass=False)

    async def _log_in(self, client: SMTP) -> None:
        is_encrypted = client.get_transport_info("sslcontext") is not None
        user, password = self._options.username, self._options.password.reveal()
        if is_encrypted:
            await client.login(user, password)
        elif "cram-md5" in client.supported_auth_methods:
            await client.auth_crammd5(user, password)
        else:
            words = f"{self._options.host} offers no encryption, and the password is not told without"
            raise DeliveryError(words, may_pass=False)

    async def _connected(self) -> socket.socket:
        """A connection to the first address that answers, all of them checked."""
        options = self._options
        try:
            addresses = await self._outbound.addresses(options.host, options.port)
        except OutboundError as error:
            raise DeliveryError(str(error), may_pass=isinstance(error, OutboundTransientError)) from None
        failure: OSError = OSError("there is no address")
        for address in addresses[:4]:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            made = socket.socket(family, socket.SOCK_STREAM)
            made.setblocking(False)
            try:
                async with asyncio.timeout(STEP / 2):
                    await asyncio.get_running_loop().sock_connect(made, (address, options.port))
            except OSError as error:
                made.close()
                failure = error
            except BaseException:
                made.close()
                raise
            else:
                return made
        raise failure


def _addresses(text: str) -> list[Address]:
    """The addresses of a text; none when one of them is none."""
    found = []
    for name, address in getaddresses([text]) if not _SPACE.search(text) else ():
        try:
            one = Address(display_name=name, addr_spec=address)
        except (ValueError, IndexError, MessageError):
            return []
        if not one.username or not one.domain or " " in one.addr_spec:
            return []
        found.append(one)
    return found


def _line(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _lines(text: str) -> str:
    """Line ends as mail has them are made when it is sent; letters that no text has are dropped."""
    return (
        text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode().replace("\0", "")
    )


def _failure(host: str, error: Exception) -> DeliveryError:
    """What went wrong; of what a server says its number counts: 4xx may pass, 5xx does not."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [refused.code for refused in error.recipients]
        told = "; ".join(
            f"{refused.recipient}: {refused.code} {refused.message}" for refused in error.recipients
        )
        return DeliveryError(f"{host} refused {told}", may_pass=all(code < 500 for code in codes))
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        words = f"{host} does not take the user and password (status {error.code})"
        return DeliveryError(words, may_pass=error.code < 500)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        words = f"{host} answered with status {error.code}: {error.message}"
        return DeliveryError(words, may_pass=error.code < 500)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return DeliveryError(f"{host}: {error}", may_pass=False)
    cause: BaseException | None = error
    while cause is not None and not (getattr(cause, "verify_message", "") or getattr(cause, "strerror", "")):
        cause = cause.__cause__
    why = getattr(cause, "verify_message", "") or getattr(cause, "strerror", "")
    kind = "its certificate is not accepted: " if getattr(cause, "verify_message", "") else ""
    return DeliveryError(f"could not reach {host}: {kind}{why or type(error).__name__}", may_pass=True)
