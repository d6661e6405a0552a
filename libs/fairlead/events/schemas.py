"""`python -m fairlead.events.schemas`: writes the JSON schemas of the public events; `--check` compares."""

import argparse
import sys
from pathlib import Path

import msgspec

from fairlead.events import subjects
from fairlead.events.public import CloudEvent, PublicEventType
from fairlead.events.story import DATA

FOLDER = Path("docs/events")


def schema(kind: PublicEventType) -> bytes:
    """The JSON schema of one type's CloudEvent, as it stands in the file."""
    (_, data), definitions = msgspec.json.schema_components(
        (CloudEvent, DATA[kind]), ref_template="#/$defs/{name}"
    )
    event = dict(definitions["CloudEvent"])
    described = {"type": "string", "pattern": f"^{subjects.PUBLIC}.{kind.value}".replace(".", r"\.")}
    event["properties"] = {**event["properties"], "type": described, "data": data}
    event["description"] = DATA[kind].__doc__
    event["title"] = f"{subjects.PUBLIC}.{kind.value}"
    event["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    event["$defs"] = {name: part for name, part in definitions.items() if name != "CloudEvent"}
    return msgspec.json.format(msgspec.json.encode(event, order="sorted"), indent=2) + b"\n"


def main() -> int:
    """Write or check; 1 when a file is stale."""
    parser = argparse.ArgumentParser(description="JSON schemas of the public events")
    parser.add_argument("--check", action="store_true", help="only say whether the files are as generated")
    check = parser.parse_args().check
    wanted = {FOLDER / f"{kind.value}.schema.json": schema(kind) for kind in PublicEventType}
    stale = [file for file, text in wanted.items() if not file.exists() or file.read_bytes() != text]
    if check and stale:
        sys.stderr.write(f"stale, run `make generate`: {', '.join(map(str, stale))}\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in stale:
        file.write_bytes(wanted[file])
    return 0


if __name__ == "__main__":
    sys.exit(main())
