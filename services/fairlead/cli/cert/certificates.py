"""`cert add-tls`, `add-ssh`, `list` and `rm`."""

import re
from base64 import b64encode

from fairlead.cli import prompt
from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, output, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import DeclinedError, SettingsError, UsageError
from fairlead.cli.spec.places import read_text
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.DOTALL)
MAX_CERTIFICATES = 1000
"""How many one command may bring."""


def add_tls(call: Invocation) -> None:
    """Trust the certificates of a file, or of the input, for a server."""
    values, server = call.values, call.one("server name")
    where = values.text("from")
    if where:
        print(f"Reading TLS certificate data in PEM format from '{where}'")
    else:
        print("Enter TLS certificate data in PEM format. Press CTRL-D when finished.")
    found = list(dict.fromkeys(pem.rstrip("\n") + "\n" for pem in _PEM.findall(read_text(where or "-"))))
    if not found:
        raise SettingsError("No valid certificates have been detected in the stream")
    if len(found) > MAX_CERTIFICATES:
        raise SettingsError(f"there are more than {MAX_CERTIFICATES} certificates")
    item = {
        "serverName": server,
        "certType": "https",
        "certData": b64encode("".join(found).encode()).decode(),
    }
    with connect(values) as client:
        client.connections.create_certificates([item], upsert=values.switch("upsert"))
    words = f"with {len(found)} unique PEM certificates"
    print(f"Created/updated TLS certificate entry for repository server {server} {words}")


def add_ssh(call: Invocation) -> None:
    """Trust the host keys of a file, or of the input, in the form of ssh's known_hosts."""
    values = call.values
    if not values.switch("batch"):
        raise UsageError("You have to specify --batch and provide a source")
    where = values.text("from")
    if where:
        print(f"Reading SSH known hosts entries from file '{where}'")
    else:
        print("Enter SSH known hosts entries, one per line. Press CTRL-D when finished.")
    items = [_known_host(line) for line in read_text(where or "-").splitlines() if _says_something(line)]
    if not items:
        raise SettingsError("No valid SSH known hosts data found.")
    with connect(values) as client:
        made = client.connections.create_certificates(items, upsert=values.switch("upsert"))
    print(f"Successfully created {len(made)} SSH known host entries")


def list_all(call: Invocation) -> None:
    """Print what is trusted."""
    values = call.values
    with connect(values) as client:
        found = client.connections.certificates(
            hostNamePattern=values.text("hostname-pattern"), certType=values.text("cert-type")
        )
    key = _TYPE_FIRST if values.text("sort") == "type" else _HOST_FIRST
    if values.text("sort"):
        found.sort(key=lambda item: tuple(str(item.get(name) or "") for name in key))
    elif values.text("output") == "wide":
        found.sort(key=lambda item: str(item.get("serverName") or ""))
    form = values.text("output")
    if form in ("json", "yaml"):
        document.show(found, form)
        return
    rows = [tuple(str(item.get(name) or "") for name in _SHOWN) for item in found]
    print(columns([("HOSTNAME", "TYPE", "SUBTYPE", "INFO"), *rows]), end="")


def remove(call: Invocation) -> None:
    """Trust them no longer."""
    values, server = call.values, call.one("server name")
    if not prompt.may(values, f"Are you sure you want to remove all certificates for '{server}'? [y/n] "):
        print(f"The command to remove all certificates for '{server}' was cancelled.")
        return
    with connect(values) as client:
        gone = client.connections.delete_certificates(
            hostNamePattern=server,
            certType=values.text("cert-type"),
            certSubType=values.text("cert-sub-type"),
        )
    if not gone:
        print("No certificates were removed (none matched the given pattern)")
        return
    for item in gone:
        what = f"of type '{item.get('certType')}' (subtype '{item.get('certSubType') or ''}')"
        print(f"Removed cert for '{item.get('serverName')}' {what}")


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _known_host(line: str) -> Document:
    parts = line.split()
    if len(parts) < 3 or parts[0].startswith("@"):
        raise DeclinedError(f"no entry of known_hosts: {line[:80]}")
    host, kind, data = parts[:3]
    encoded = b64encode(data.encode()).decode()
    return {"serverName": host, "certType": "ssh", "certSubType": kind, "certData": encoded}


_SHOWN = ("serverName", "certType", "certSubType", "certInfo")
_HOST_FIRST = ("serverName", "certType", "certSubType")
_TYPE_FIRST = ("certType", "certSubType", "serverName")
_FROM = text("from", "File to read; the input otherwise.")
_UPSERT = switch("upsert", "Replace what is there and different.")
_TYPE = text("cert-type", "Kind of certificate.", choices=("", "ssh", "https"))

ADD_TLS = Command(
    usage="SERVERNAME",
    about="Trust certificates for a server that repositories are on.",
    run=add_tls,
    flags=(_FROM, _UPSERT),
    examples=("cert add-tls git.example.com --from ca.pem",),
)
ADD_SSH = Command(
    usage="--batch",
    about="Trust host keys in the form of ssh's known_hosts.",
    run=add_ssh,
    flags=(_FROM, _UPSERT, switch("batch", "Read many entries at once.")),
    examples=("cert add-ssh --batch --from known_hosts",),
)
LIST = Command(
    usage="",
    about="List certificates and known hosts.",
    run=list_all,
    flags=(
        output("wide", "json", "yaml"),
        text("sort", "Order of the list.", choices=("", "hostname", "type")),
        _TYPE,
        text("hostname-pattern", "Only servers that match this pattern."),
    ),
)
REMOVE = Command(
    usage="SERVERNAME",
    about="Trust certificates or host keys no longer.",
    run=remove,
    flags=(_TYPE, text("cert-sub-type", "Algorithm of the host key.")),
    examples=("cert rm git.example.com --cert-type ssh",),
)
