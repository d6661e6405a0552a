"""`python -m fairlead.api_server.rest.typescript [--check]`: the web UI's types, made from the OpenAPI
document.

Invariant: whatever the document names is there once; a field that may be absent is optional, so that nobody
in the browser counts on what a server leaves out.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

import msgspec

from fairlead.api_server.methods.own import SERVICE
from fairlead.api_server.rest import openapi
from fairlead.local.errors import SourcesMissingError
from fairlead.local.sources import source_folder

FILE = Path("src") / "api" / "schema.ts"
HEAD = "// Made by `make generate` from the OpenAPI document of api-server; changes here are lost.\n"
OF_BROWSERS = {"Error", "Event"}
"""Names that mean something else in every module."""
_PACKAGE = re.compile(r"^[a-z][a-z0-9]*(?=[A-Z])")
_PREFIX = "#/definitions/"
_WORDS = {"string": "string", "boolean": "boolean", "integer": "number", "number": "number"}

Schema = dict[str, Any]


def written() -> str:
    """The module's text."""
    said = msgspec.json.decode(openapi.document())
    names = _names(said["definitions"])
    parts = [HEAD]
    parts += [_interface(names[name], one, names) for name, one in sorted(said["definitions"].items())]
    for path, verbs in said["paths"].items():
        for verb, one in verbs.items():
            asked = [parameter for parameter in one["parameters"] if parameter["in"] == "query"]
            if SERVICE in one["tags"] and asked:
                parts.append(_query(f"{verb.upper()} {path}", one, asked))
    return "\n".join(parts)


def _names(definitions: dict[str, Schema]) -> dict[str, str]:
    """What each definition is called: without its package, where that leaves no doubt."""
    short = {name: _PACKAGE.sub("", name) for name in definitions}
    used = list(short.values())
    doubtful = {name for name in used if used.count(name) > 1} | OF_BROWSERS
    return {
        name: name[0].upper() + name[1:] if plain in doubtful and plain != name else plain
        for name, plain in short.items()
    }


def _interface(name: str, schema: Schema, names: dict[str, str]) -> str:
    needed = set(schema.get("required", ()))
    head = _words(schema.get("description", ""), "")
    if "properties" not in schema:
        return f"{head}export type {name} = {_type(schema, names)};\n"
    fields = [
        f"{_words(one.get('description', ''), '  ')}  {_key(key)}{'' if key in needed else '?'}: "
        f"{_type(one, names)};\n"
        for key, one in schema["properties"].items()
    ]
    return f"{head}export interface {name} {{\n{''.join(fields)}}}\n"


def _query(route: str, one: Schema, asked: list[Schema]) -> str:
    name = f"{one['operationId'].removeprefix(f'{SERVICE}_')}Query"
    fields = [
        f"{_words(parameter.get('description', ''), '  ')}  {_key(parameter['name'])}?: "
        f"{'readonly ' if parameter['type'] == 'array' else ''}{_type(parameter, {})};\n"
        for parameter in asked
    ]
    head = _words(f"{route}: {one.get('summary', '')}", "")
    return f"{head}export interface {name} {{\n{''.join(fields)}}}\n"


def _type(schema: Schema, names: dict[str, str]) -> str:
    if "$ref" in schema:
        return names[schema["$ref"].removeprefix(_PREFIX)]
    if "enum" in schema:
        return " | ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in schema["enum"])
    word = schema.get("type")
    if word == "array":
        inner = _type(schema["items"], names) if schema.get("items") else "unknown"
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if word == "object" and schema.get("properties"):
        needed = set(schema.get("required", ()))
        inner = "; ".join(
            f"{_key(key)}{'' if key in needed else '?'}: {_type(one, names)}"
            for key, one in schema["properties"].items()
        )
        return f"{{ {inner} }}"
    if word == "object":
        more = schema.get("additionalProperties")
        return f"Record<string, {_type(more, names) if isinstance(more, dict) else 'unknown'}>"
    return _WORDS.get(str(word), "unknown")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else f"'{name}'"


def _words(text: str, indent: str) -> str:
    said = " ".join(text.split()).replace("*/", "* /")
    return f"{indent}/** {said} */\n" if said else ""


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or with `--check` say whether it is as it would be written; 1 when it is not."""
    parser = argparse.ArgumentParser(prog="python -m fairlead.api_server.rest.typescript")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is stale")
    is_check = parser.parse_args(arguments).check
    try:
        file = source_folder("services/ui") / FILE
    except SourcesMissingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = written()
    if not is_check:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    elif not file.exists() or file.read_text() != text:
        sys.stderr.write(f"{file} is stale: run `make generate`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
