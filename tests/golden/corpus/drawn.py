"""Charts that are drawn by lot, the same each time: what templates print, and values that override values.

Invariant: a number is one chart for ever, so that a difference that was found can be looked at.
"""

import random

import yaml

BETWEEN = (
    "---\n",
    "---\n\n",
    "--- # c\n",
    "---   \n",
    "  \n---\n",
    "\n\n\n---\n",
    "---\n---\n",
    "---\n# only\n---\n",
    "...\n---\n",
    '{{- "\\n---\\n" }}',
    "---\r\n",
    "---\n   \n",
    "--- \t\n",
)
ENDS = (
    "data: {a: b}\n",
    "data: {a: b}",
    "data:\n  a: |\n    x\n    y\n",
    "data:\n  a: |-\n    x\n\n",
    "data:\n  a: |+\n    x\n\n\n",
    "data:\n  a: >+\n    x\n\n",
    "data:\n  a: >\n    x\n    y\n\n",
    'data:\n  a: "x\\ny"\n\n\n',
    "data:\n  a: |\n    ---\n    x\n",
    "data:\n  a: |\n    x",
    "data:\n  a: |2\n      x\n",
    "data:\n  a: !!str 1\n",
    "data:\n  a: yes\n  b: 1.0\n  c: 0x10\n  d: 1e3\n  e: ~\n",
    "data:\n  a: &x {b: c}\n  d: *x\n",
    "data:\n",
    "data: !!binary aGk=\n",
    "data: {a: 2026-01-01, b: 12:30:45, c: 1_000}\n",
    "data:\n  <<: {a: b}\n  c: d\n",
)
KINDS = ("ConfigMap", "Secret", "Service", "Role", "Thing")
HOOKS = ("pre-install", "test", "post-upgrade", "unknown")
SCALARS = (
    *(
        "1",
        "-0",
        "0777",
        "0o17",
        "1e3",
        "1.50",
        "yes",
        "off",
        "true",
        "~",
        '"q"',
        "'s'",
        "text",
        "2026-01-01",
    ),
    *("12:30", "0x1F", ".5", "1_000", "123456789012345678", "'{{ .Release.Name }}'", '""', "[]", "{}"),
    *("[1, a, {b: c}]", "{x: 1, y: [2]}", "!!str 5", "!!int '7'", "|\n  a\n  b"),
)
LEAVES = (
    1,
    2.5,
    -3,
    True,
    False,
    None,
    "s",
    "1",
    "true",
    "",
    12345678901234567,
    1e21,
    0.1,
    "a: b",
    "ü",
    "l\nm",
)
PARAMETERS = (
    *("a=1", "a.b=c", "a[0]=x", "a[1].b=2", "b={x,y}", "b={}", "c=null", "d=true", "e=1.0", "f=0777"),
    *("a\\.x=1", "g=a,b", "h=", "sub.a=9", "sub.b.c=null", "global.g=set", "a=12345678901234567890"),
    *("x.y.z[2]=q", "k={a,b,c", "m=a=b", "n=\\,", "o='q'", "a..b=1", "a[-1]=1", "[0]=1", "q=[1,2]"),
    *('r={"a":1}', "s= sp ", "t=1e3", "u=00", "w=+5", "sub=null", "a=~"),
)
SHOWN = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Chart.Name }}'}\ndata:\n"
    "  json: {{ .Values | toJson | quote }}\n  yaml: {{ .Values | toYaml | quote }}\n"
    '  go: {{ printf "%v" (omit .Values "global" "sub") | quote }}\n'
)
Chart = dict[str, str]


def printing(number: int) -> tuple[Chart, dict[str, object]]:
    """A chart whose one template prints some objects, and its options."""
    lot = random.Random(number)  # noqa: S311 - to be the same each time
    text = lot.choice(("", "\n", "---\n", "# c\n", "\n\n---\n"))
    count = lot.randint(1, 4)
    for place in range(count):
        annotations = f", annotations: {{helm.sh/hook: {lot.choice(HOOKS)}}}" if lot.random() < 0.25 else ""
        text += f"apiVersion: v1\nkind: {lot.choice(KINDS)}\nmetadata: {{name: n{place}{annotations}}}\n"
        text += lot.choice(ENDS)
        if place < count - 1 or lot.random() < 0.4:
            text += ("" if text.endswith("\n") else "\n") + lot.choice(BETWEEN)
    return {"templates/a.yaml": text}, {}


def overriding(number: int) -> tuple[Chart, dict[str, object]]:
    """A chart with a subchart that shows its values, and what overrides them."""
    lot = random.Random(number)  # noqa: S311
    files = {
        "templates/a.yaml": SHOWN,
        "values.yaml": _values(lot),
        "one.yaml": _values(lot),
        "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 0.1.0\n",
        "charts/sub/values.yaml": _values(lot),
        "charts/sub/templates/a.yaml": SHOWN,
    }
    chosen = [one.partition("=") for one in lot.sample(PARAMETERS, lot.randint(0, 4))]
    parameters = [{"name": n, "value": v, "forceString": lot.random() < 0.2} for n, _, v in chosen]
    options: dict[str, object] = {"parameters": parameters, "valueFiles": ["one.yaml"]}
    return files, options | ({"values": _values(lot)} if lot.random() < 0.4 else {})


def _values(lot: random.Random) -> str:
    if lot.random() < 0.5:
        return "".join(f"{key}: {lot.choice(SCALARS)}\n" for key in lot.sample("abcdefgh", lot.randint(1, 5)))
    made: dict[str, object] = {key: _value(lot, 0) for key in lot.sample("abcdef", lot.randint(0, 4))}
    if lot.random() < 0.6:
        made["sub"] = {key: _value(lot, 1) for key in lot.sample("abcd", 2)}
    if lot.random() < 0.4:
        made["global"] = {"g": _value(lot, 1)}
    return yaml.safe_dump(made)


def _value(lot: random.Random, depth: int) -> object:
    drawn = lot.random()
    if depth < 3 and drawn < 0.3:
        names = (lot.choice("abcde") + lot.choice(("", "1", ".x", "-y")) for _ in range(lot.randint(0, 3)))
        return {name: _value(lot, depth + 1) for name in names}
    if depth < 3 and drawn < 0.4:
        return [_value(lot, depth + 1) for _ in range(lot.randint(0, 3))]
    return lot.choice(LEAVES)
