"""Mail by a real server: encryption, who logs in, several who get it, and what a server refuses."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.notices.senders import DeliveryError, Message, OptionError, Sender, Senders
from fairlead.notices.senders.email import Email, EmailOptions
from fairlead.notices.senders.shapes import options_of
from fairlead.outbound import Outbound
from tests.fakes.mail_server import PASSWORD, USER, MailServer
from tests.fakes.tls_front import over_tls
from tests.integration.notices.senders.conftest import LOOPBACK, Stage

TO = "ada@example.com"


def options(server: MailServer, **more: Any) -> dict[str, Any]:
    given = {"host": "127.0.0.1", "port": str(server.port), "from": "Argo CD <argo@example.com>"}
    return {**given, **more}


async def test_a_message_is_encrypted_where_the_server_can(stage: Stage) -> None:
    async with MailServer(stage.pki, wants_user=True).running() as server:
        given = options(server, username=USER, password=PASSWORD)
        await stage.send("email", given, TO, block={"subject": "Two\r\nBcc: x@example.com", "body": "Grüße"})
        await stage.send("email", {**given, "html": True}, TO, text="<b>hello</b>")
        first, second = server.taken
    assert (first.is_encrypted, first.user) == (True, USER)
    assert (first.sender, first.recipients) == ("argo@example.com", [TO])
    assert first.message["Subject"] == "Two Bcc: x@example.com"
    assert first.message["Bcc"] is None
    assert first.message["From"] == "Argo CD <argo@example.com>"
    assert first.message.get_content().strip() == "Grüße"
    assert second.message.get_content_type() == "text/html"
    assert second.message["Subject"] == ""
    assert second.message.get_content().strip() == "<b>hello</b>"
    assert first.message["Message-ID"] == second.message["Message-ID"]


async def test_several_get_one_message_and_who_is_refused_is_told(stage: Stage) -> None:
    async with MailServer(stage.pki).running() as server:
        server.refused = {"bob@example.com": "550 no such user", "eve@example.com": "450 later"}
        await stage.send("email", options(server), f"{TO}, Grace <grace@example.com>")
        assert server.taken[0].recipients == [TO, "grace@example.com"]
        error = await stage.failure("email", options(server), f"{TO},bob@example.com")
        assert "the others got it" in error.words
        assert not error.may_pass
        error = await stage.failure("email", options(server), "bob@example.com")
        assert ("bob@example.com: 550 no such user" in error.words, error.may_pass) == (True, False)
        error = await stage.failure("email", options(server), "eve@example.com")
        assert error.may_pass
        server.answer = "452 no space"
        assert (await stage.failure("email", options(server), TO)).may_pass
        server.answer = "554 looks like spam"
        error = await stage.failure("email", options(server), TO)
        assert ("554: looks like spam" in error.words, error.may_pass) == (True, False)


async def test_a_password_is_not_told_without_encryption(stage: Stage) -> None:
    async with MailServer(stage.pki, offers_tls=False).running() as server:
        await stage.send("email", options(server), TO)
        error = await stage.failure("email", options(server, username=USER, password=PASSWORD), TO)
        assert "offers no encryption" in error.words
    async with MailServer(stage.pki, wants_user=True).running() as server:
        error = await stage.failure("email", options(server, username=USER, password="wrong-password"), TO)
        assert "does not take the user and password" in error.words
        assert "wrong-password" not in error.words
        assert not error.may_pass
        error = await stage.failure("email", options(server), TO)
        assert "530" in error.words


async def test_certificates_are_checked(stage: Stage) -> None:
    outbound = Outbound(LOOPBACK)
    senders = Senders(outbound)
    async with MailServer(stage.pki).running() as server:
        plain, insecure = (
            senders.sender_of("email", options(server, insecure_skip_verify=skips)) for skips in (False, True)
        )
        with pytest.raises(DeliveryError, match="certificate") as caught:
            await plain.send(Message(text="x"), TO, dedupe="d")
        assert caught.value.may_pass
        await insecure.send(Message(text="x"), TO, dedupe="d")
        assert server.taken[0].is_encrypted
    await senders.close()
    await outbound.close()


async def test_on_the_port_for_it_encryption_comes_first(stage: Stage) -> None:
    async with MailServer(stage.pki, offers_tls=False).running() as server:
        async with over_tls(server.port, stage.pki) as port:
            read = options_of("email", EmailOptions, options(server, port=port))
            sender: Sender = Email(stage.outbound, read, implicit=port)
            await sender.send(Message(text="x"), TO, dedupe="d")
        assert len(server.taken) == 1
        read = options_of("email", EmailOptions, options(server))
        with pytest.raises(DeliveryError, match="could not reach"):
            await Email(stage.outbound, read, implicit=server.port).send(Message(text="x"), TO, dedupe="d")


@pytest.mark.parametrize(
    "recipient", ["", "nobody", "a@b@c", "a@example.com\r\nDATA", "a@example.com," * 60, "<>", "@example.com"]
)
async def test_who_has_no_address_of_mail_gets_none(stage: Stage, recipient: str) -> None:
    error = await stage.failure("email", {"host": "127.0.0.1", "port": 9, "from": "a@b.c"}, recipient)
    assert "address of mail" in error.words
    assert not error.may_pass


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"host": ""}, "needs the field host"),
        ({"port": None}, "needs the field port"),
        ({"port": "smtp"}, "port has to be int"),
        ({"port": 70000}, "port is no port"),
        ({"from": ""}, "needs the field from"),
        ({"from": "argo"}, "from is no address of mail"),
        ({"html": "maybe"}, "html has to be bool"),
    ],
)
def test_nonsense_in_the_options_is_refused_in_words(stage: Stage, more: dict[str, Any], words: str) -> None:
    given = {"host": "mail.example.com", "port": 25, "from": "a@example.com"}
    with pytest.raises(OptionError, match=words):
        stage.sender("email", {**given, **more})
