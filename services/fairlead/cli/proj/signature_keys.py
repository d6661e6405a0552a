"""`proj add-signature-key` and `remove-signature-key`: whose signatures commits must have."""

from fairlead.cli.command import Command, Invocation
from fairlead.cli.proj import change as changing
from fairlead.cli.proj.change import change


def add(call: Invocation) -> None:
    """Accept commits signed with a key."""
    name, key = call.exactly("PROJECT", "KEY-ID")
    refusal = "Specified signature key is already defined in project"
    change(call, name, lambda spec: changing.add(spec, "signatureKeys", {"keyID": key}, refusal))


def remove(call: Invocation) -> None:
    """Accept them no longer."""
    name, key = call.exactly("PROJECT", "KEY-ID")
    refusal = "Specified signature key is not configured for project"
    change(
        call,
        name,
        lambda spec: changing.remove(spec, "signatureKeys", lambda e: e.get("keyID") == key, refusal),
    )


ADD = Command(
    usage="PROJECT KEY-ID",
    about="Accept commits signed with a GnuPG key.",
    run=add,
    examples=("proj add-signature-key shop 4AEE18F83AFDEB23",),
)
REMOVE = Command(usage="PROJECT KEY-ID", about="Accept a key's signatures no longer.", run=remove)
