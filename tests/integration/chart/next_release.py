"""A later release, as a folder: one more service that publishes a subject of its own."""

import json
import sys
from pathlib import Path

from fairlead.bus import topology
from fairlead.bus.permissions import accounts, permissions

SERVICE = "reporter"
SUBJECT = "report.written"
GRANTS = (*topology.GRANTS, topology.Grant(service=SERVICE, publish=(SUBJECT,)))

_KEYS = f"""
import sys
from fairlead.bus import topology
topology.GRANTS = (*topology.GRANTS, topology.Grant(service={SERVICE!r}, publish=({SUBJECT!r},)))
from fairlead.keys.__main__ import main
main()
"""


def write(chart: Path, programs: Path) -> None:
    """Change the generated rights of the chart and the program that makes keys, as in that release."""
    users = {grant.service: {"user": grant.service, "permissions": permissions(grant)} for grant in GRANTS}
    text = json.dumps(accounts(users), indent=1)
    (chart / "files" / "nats-permissions.json").write_text(text)
    code = programs / "next_keys.py"
    code.write_text(_KEYS)
    (programs / "fairlead-keys").write_text(f'#!/bin/sh\nexec {sys.executable} {code} "$@"\n')
