"""Random objects of every kind that a cluster serves, drawn from its own OpenAPI.

Invariant: an object has the shape that the schema states; whether it is valid only the server can say.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec
from hypothesis import strategies as st

from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]
Schema = Mapping[str, Any]
Schemas = Mapping[str, Schema]

REF = "#/components/schemas/"
MAX_DEPTH = 9
MOST_FIELDS, MOST_ITEMS = 4, 2
"""Optional fields of one object, and items of one list."""
QUANTITIES = ("1", "0.5", "500m", "1000m", "1Gi", "1024Mi", 2, "2k", "1e3", "0", "100Mi", "1.5", ".5")
TEXTS = ("a", "b-c", "main", "1", "true", "x.example.com", "10", "", "Aa", "80", "null", "a\nb")
NUMBERS = (1, 0, 2, 5, 80, 443, 300, 1000)
KEYS = ("a", "example.com/b", "c.d", "1")
SPECIAL: Mapping[str, tuple[Any, ...]] = {
    "Quantity": QUANTITIES,
    "IntOrString": (80, "80", "http", "50%", 1, 0, "1"),
    "Time": ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"),
    "MicroTime": ("2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00Z"),
    "Duration": ("1h0m0s", "60m", "90s"),
    "RawExtension": ({"apiVersion": "v1", "kind": "Any"}, {}),
    "JSON": ("text", 1, {"a": None}, [1, "b"]),
    "JSONSchemaPropsOrBool": (True, {"type": "string"}),
    "JSONSchemaPropsOrArray": ({"type": "string"},),
    "JSONSchemaPropsOrStringArray": (["a"],),
    "FieldsV1": ({},),
}
FORMS: Mapping[tuple[Any, Any], tuple[Any, ...]] = {
    ("boolean", None): (True, False),
    ("number", None): (0.5, 1, 2.0),
    ("string", "byte"): ("YQ==", "", "Yg=="),
    ("string", "date-time"): ("2026-01-01T00:00:00Z",),
    ("string", "int-or-string"): (80, "http"),
}
HINTS: Mapping[str, tuple[Any, ...]] = {
    "priorityClassName": ("system-cluster-critical",),
    "image": ("nginx:1.27", "nginx"),
    "name": ("main", "a", "b", "c-d"),
    "mountPath": ("/a", "/b", "/c"),
    "path": ("/", "/a"),
    "ip": ("10.1.2.3",),
    "host": ("a.example.com", ""),
    "protocol": ("TCP", "UDP"),
    "port": (80, 443, 8080),
    "containerPort": (80, 443),
    "key": ("a", "example.com/b"),
    "labelSelector": ({"matchLabels": {"a": "b"}},),
}
LEFT_OUT = frozenset(
    {"managedFields", "resourceVersion", "uid", "generation", "selfLink", "creationTimestamp"}
) | {
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "ownerReferences",
    "generateName",
    "finalizers",
    "ephemeralContainers",
    "immutable",
    "overhead",
    "runtimeClassName",
}


NOT_DRAWN = LEFT_OUT | {"apiVersion", "kind", "metadata", "status"}


class Kind(NamedTuple):
    """A served kind with the schemas of its group version, and its own."""

    resource: Resource
    schemas: Schemas
    schema: Schema


async def kinds_of(client: KubeClient, resources: list[Resource]) -> list[Kind]:
    """What the cluster says of these."""
    index = msgspec.json.decode((await client.get_path("/openapi/v3")).body)["paths"]
    documents: dict[str, Schemas] = {}
    found = []
    for resource in resources:
        name = f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}"
        if name not in documents:
            answer = await client.get_path(index[name]["serverRelativeURL"])
            documents[name] = msgspec.json.decode(answer.body)["components"]["schemas"]
        wanted = {"group": resource.group, "version": resource.version, "kind": resource.kind}
        found += [
            Kind(resource, documents[name], schema)
            for schema in documents[name].values()
            if schema.get("x-kubernetes-group-version-kind") == [wanted]
        ]
    return found


class Maker:
    """Draws values of one kind."""

    def __init__(self, draw: Draw, kind: Kind) -> None:
        self._draw = draw
        self._kind = kind

    def object(self) -> dict[str, Any]:
        """A whole object, without its identity."""
        found = {}
        for name, schema in self._kind.schema.get("properties", {}).items():
            if name not in NOT_DRAWN and self._chance(3, 4):
                found[name] = self._value(schema, name, 1)
        return found

    def metadata(self) -> dict[str, Any]:
        """Labels and annotations."""
        return {
            field: {key: self._one(("", "a", "1")) for key in self._some(KEYS, 2)}
            for field in ("labels", "annotations")
            if self._chance(1, 3)
        }

    def at(self, path: tuple[str | int, ...]) -> Any:
        """A value of the field at a path, never empty."""
        schema: Schema = self._kind.schema
        name = ""
        for step in path:
            schema = self._resolved(schema)[0]
            if isinstance(step, int):
                schema = schema.get("items", {})
            else:
                name = step
                schema = schema.get("properties", {}).get(step) or schema.get("additionalProperties") or {}
        return self._value(schema, name, 1, full=True)

    def _value(self, schema: Schema, name: str, depth: int, *, full: bool = False) -> Any:
        schema, type_name = self._resolved(schema)
        known = SPECIAL.get(type_name)
        if known is not None:
            return self._one(known)
        if not full and self._chance(1, 16):
            return None
        match schema.get("type"):
            case "object":
                return self._object(schema, depth, full=full)
            case "array":
                count = self._draw(st.integers(1 if full else 0, MOST_ITEMS))
                return [self._value(schema["items"], name, depth + 1, full=True) for _ in range(count)]
            case _:
                return self._scalar(schema, name)

    def _scalar(self, schema: Schema, name: str) -> Any:
        if schema.get("enum"):
            return self._one(tuple(schema["enum"]))
        hints = HINTS.get(name, ())
        if schema.get("type") == "integer":
            return self._one(tuple(n for n in hints if isinstance(n, int)) or NUMBERS)
        formed = FORMS.get((schema.get("type"), schema.get("format"))) or FORMS.get(
            (schema.get("type"), None)
        )
        return self._one(formed or hints or TEXTS)

    def _object(self, schema: Schema, depth: int, *, full: bool) -> Any:
        properties = schema.get("properties", {})
        if not properties:
            inner = schema.get("additionalProperties")
            if not isinstance(inner, Mapping):
                return self._one(({}, {"a": "b"}))
            return {key: self._value(inner, key, depth + 1, full=True) for key in self._some(KEYS, 2)}
        required = [name for name in schema.get("required", ()) if name not in LEFT_OUT]
        others = tuple(name for name in properties if name not in required and name not in LEFT_OUT)
        most = MOST_FIELDS if depth < 4 else 2
        chosen = [*required, *(self._some(others, most) if depth < MAX_DEPTH else ())]
        if full and not chosen and others:
            chosen = [self._one(others)]
        return {
            name: self._value(properties[name], name, depth + 1, full=name in required) for name in chosen
        }

    def _resolved(self, schema: Schema) -> tuple[Schema, str]:
        """A schema without references, and the name of its type."""
        name = ""
        while True:
            ref = schema.get("$ref") or next(
                (part["$ref"] for part in schema.get("allOf", ()) if "$ref" in part), ""
            )
            if not ref:
                return schema, name
            full = ref.removeprefix(REF)
            name, schema = full.rpartition(".")[2], self._kind.schemas[full]
            if name in SPECIAL:
                return schema, name

    def _one(self, values: tuple[T, ...]) -> T:
        found: T = self._draw(st.sampled_from(values))
        return found

    def _some(self, values: tuple[str, ...], most: int) -> Iterator[str]:
        if not values:
            return
        count = self._draw(st.integers(0, min(most, len(values))))
        seen = set()
        for _ in range(count):
            value = self._one(values)
            if value not in seen:
                seen.add(value)
                yield value

    def _chance(self, part: int, whole: int) -> bool:
        return bool(self._draw(st.integers(1, whole)) > whole - part)
