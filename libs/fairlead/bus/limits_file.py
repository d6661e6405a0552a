"""`python -m fairlead.bus.limits_file FILE`: writes what NATS and its volume have to be, for the chart.

`--check` only compares.
"""

import argparse
import json
import sys
from pathlib import Path

from fairlead.bus.topology import MAX_MESSAGE_BYTES, file_store_bytes, volume_bytes


def main() -> int:
    """Write or check the file with the topology's sizes in bytes; 1 when it is stale."""
    parser = argparse.ArgumentParser(description="sizes that NATS needs for the topology")
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true", help="only say whether the file is as generated")
    given = parser.parse_args()
    wanted = json.dumps(limits(), indent=1) + "\n"
    if given.check:
        if given.file.exists() and given.file.read_text() == wanted:
            return 0
        sys.stderr.write(f"stale, run `make generate`: {given.file}\n")
        return 1
    given.file.parent.mkdir(parents=True, exist_ok=True)
    given.file.write_text(wanted)
    return 0


def limits() -> dict[str, int]:
    """The sizes by name."""
    return {
        "maxPayload": MAX_MESSAGE_BYTES,
        "maxFileStore": file_store_bytes(),
        "smallestVolume": volume_bytes(),
    }


if __name__ == "__main__":
    sys.exit(main())
