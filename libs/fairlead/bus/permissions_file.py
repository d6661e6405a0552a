"""`python -m fairlead.bus.permissions_file FILE`: writes NATS's accounts for the chart and for compose.

A user's `password` is left out: whoever makes the configuration adds it by the user's name.

`--check` only compares.
"""

import argparse
import json
import sys
from pathlib import Path

from fairlead.bus.permissions import accounts, permissions
from fairlead.bus.topology import GRANTS


def main() -> int:
    """Write or check the file with the permissions of every service; 1 when it is stale."""
    parser = argparse.ArgumentParser(description="permissions of the services' users at NATS")
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true", help="only say whether the file is as generated")
    given = parser.parse_args()
    users = {grant.service: {"user": grant.service, "permissions": permissions(grant)} for grant in GRANTS}
    wanted = json.dumps(accounts(users), indent=1) + "\n"
    if given.check:
        if given.file.exists() and given.file.read_text() == wanted:
            return 0
        sys.stderr.write(f"stale, run `make generate`: {given.file}\n")
        return 1
    given.file.parent.mkdir(parents=True, exist_ok=True)
    given.file.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
