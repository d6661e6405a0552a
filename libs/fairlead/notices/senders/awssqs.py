"""Amazon SQS: the message into a queue, by the service's JSON protocol."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from fairlead.git.credentials import Credential
from fairlead.git.errors import GitError, GitTransientError
from fairlead.identities import aws
from fairlead.identities.tokens import Token, Tokens
from fairlead.notices.senders.asking import Asker, Reply, encoded, explanation, refusal
from fairlead.notices.senders.fields import Transport, base_address, digest, texts
from fairlead.notices.senders.remembered import Remembered
from fairlead.notices.senders.sender import DeliveryError, Message, OptionError
from fairlead.notices.senders.shapes import block_of
from fairlead.notices.senders.sigv4 import signed
from fairlead.notices.senders.surroundings import Surroundings
from fairlead.secret import Secret

MOST_QUEUES = 256
"""Addresses of queues that are remembered."""
_QUEUE = re.compile(r"[\w-]{1,80}(\.fifo)?", re.A)
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")
_MAY_PASS = (
    "Throttl",
    "ServiceUnavailable",
    "InternalError",
    "InternalFailure",
    "RequestTimeout",
    "OverLimit",
)


class AwsSqsOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """A queue and whose it is. Without a key it is the process' own, where the service is the operator's."""

    queue: str = ""
    account: str = ""
    region: str = ""
    endpoint_url: str = ""
    key: Secret = Secret("")
    secret: Secret = Secret("")


class AwsSqsBlock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a template says for the message; queues that keep an order need a group."""

    message_attributes: dict[str, Any] = {}
    message_group_id: str = ""


class AwsSqs:
    """Sends to queues of one region."""

    def __init__(
        self, asker: Asker, options: AwsSqsOptions, tokens: Tokens, surroundings: Surroundings, *, own: bool
    ) -> None:
        self._region = options.region or (surroundings.aws_region if own else "")
        if not _REGION.fullmatch(self._region):
            raise OptionError("service awssqs: region is none such as eu-west-1")
        if bool(options.key) != bool(options.secret):
            raise OptionError("service awssqs: of key and secret there is only one")
        if not options.key and not own:
            raise OptionError("service awssqs: needs the fields key and secret")
        self._asker = asker
        self._options = options
        self._tokens = tokens
        self._surroundings = surroundings
        domain = "amazonaws.com.cn" if self._region.startswith("cn-") else "amazonaws.com"
        otherwise = f"https://sqs.{self._region}.{domain}"
        self._url = f"{base_address('awssqs', 'endpointUrl', options.endpoint_url, otherwise)}/"
        self._queues: Remembered[str, str] = Remembered(MOST_QUEUES)

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a queue by its name, or else the one that is configured."""
        queue = recipient or self._options.queue
        if not _QUEUE.fullmatch(queue):
            raise DeliveryError(f"{queue[:100]!r} is no name of a queue", may_pass=False)
        block = block_of("awssqs", AwsSqsBlock, message.blocks.get("awssqs"))
        value: dict[str, Any] = {"MessageBody": message.text}
        if attributes := texts("awssqs.messageAttributes", block.message_attributes):
            value["MessageAttributes"] = {
                name: {"DataType": "String", "StringValue": text} for name, text in attributes.items() if text
            }
        if block.message_group_id:
            value["MessageGroupId"] = block.message_group_id
        if queue.endswith(".fifo"):
            if not block.message_group_id:
                words = f"the queue {queue} keeps an order: the template needs awssqs.messageGroupId"
                raise DeliveryError(words, may_pass=False)
            value["MessageDeduplicationId"] = digest(dedupe, recipient)
        await self._call("SendMessage", {"QueueUrl": await self._address(queue), **value})

    async def _address(self, queue: str) -> str:
        known = self._queues.get(queue)
        if known is not None:
            return known
        value = {"QueueName": queue}
        if self._options.account:
            value["QueueOwnerAWSAccountId"] = self._options.account
        found = (await self._call("GetQueueUrl", value)).mapping().get("QueueUrl")
        if not isinstance(found, str) or not found:
            raise DeliveryError("SQS told no address of the queue", may_pass=True)
        self._queues.put(queue, found)
        return found

    async def _call(self, action: str, value: dict[str, Any]) -> Reply:
        body = encoded(value)
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{action}"}
        headers = signed(
            self._url, body, headers, keys=await self._keys(), region=self._region, service="sqs"
        )
        reply = await self._asker.ask("POST", self._url, body=body, headers=headers)
        if reply.is_fine:
            return reply
        kind = str(reply.mapping().get("__type") or "").rpartition("#")[2][:80]
        told = refusal(reply, ": ".join(filter(None, (kind, explanation(reply)))))
        may_pass = told.may_pass or any(word in kind for word in _MAY_PASS)
        raise DeliveryError(told.words, may_pass=may_pass, after=told.after)

    async def _keys(self) -> aws.Keys:
        """Those of the service, of the environment, or of the pod's role."""
        options, surroundings = self._options, self._surroundings
        if options.key:
            return aws.Keys(access=options.key.reveal(), secret=options.secret.reveal())
        if surroundings.aws_keys is not None:
            return surroundings.aws_keys
        role = surroundings.aws_role
        if not role.arn or not role.token_file:
            words = "there is no key: neither key and secret, nor AWS_ACCESS_KEY_ID, nor a role of the pod"
            raise DeliveryError(words, may_pass=False)

        async def exchange() -> Token:
            keys, seconds = await aws.assumed(self._asker.outbound, role, Credential(), self._region)
            return Token(value=msgspec.json.encode(keys).decode(), seconds=seconds)

        try:
            token = await self._tokens.of(("aws", role.arn, self._region), exchange)
        except GitError as error:
            raise DeliveryError(str(error), may_pass=isinstance(error, GitTransientError)) from None
        return msgspec.json.decode(token.value, type=aws.Keys)
