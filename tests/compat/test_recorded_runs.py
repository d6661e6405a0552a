"""The recorded runs of the stock command, run again here: it prints what it printed, and ends as it ended.

What may be otherwise is what another place and another time make so: names of commits, moments, ages, widths
of columns; and what a row of OTHERWISE says.
"""

import json
import re
from typing import Any

import yaml

from tests.compat.binary import Ran, Terminal
from tests.compat.conftest import Session
from tests.contract import recordings
from tests.contract.likeness import differences

SERVER = "localhost:8080"
APPS = ("web", "hooked", "chart", "broken")
NOT_HERE = frozenset({4, 5, 147, 148})
"""Logins and logouts, which have walks of their own."""
OTHERWISE = {
    **dict.fromkeys((1, 2, 3), "another release says another version"),
    **dict.fromkeys(
        (64, 77, 78), "live objects have what another cluster and another way to apply gave them"
    ),
    6: "the walks have an account of their own",
    59: "which of two missing objects is shown is by chance",
    82: "the recordings' nodes had no logs",
    **dict.fromkeys((124, 126, 127), "a broken file is named from the repository's root, in fewer words"),
    **dict.fromkeys((137, 138, 139, 140), "how far a set had come at that moment is by chance"),
    143: "another certificate is trusted here",
}
"""Recordings that are let pass otherwise, with the reason."""
LEFT_OUT = r"\d{4}-\d\d-\d\dT|TIMESTAMP|\d+(,\d+)?[acd]\d+(,\d+)?$"
"""Lines that do not count: those of progress, and where in a whole object a difference is."""
NO_MATTER = (
    r".*\.(apiVersion|kind|resourceOverrides|images|health)|.*\.annotations(\..*)?|.*\.managedFields.*"
    r"|out(\[\])?\.info\..*"
)
"""Paths of documents that may differ: what gRPC does not carry, what refreshes and the way to apply leave."""
_CHANGES = (
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "IDENTITY"),
    (r"<jwt>", "TOKEN"),
    (r"^(.*configHash: ).*", r"\1HASH"),
    (r"\b1[789]\d{8}\b", "SECONDS"),
    (r"\(\d+ (second|minute)s? (ago|from now)\)|\([^)]* ago\)", "(AGO)"),
    (r"\b[0-9a-f]{40}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{7}\b", "COMMIT"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d| [+-]\d{4} [A-Z]+)?", "MOMENT"),
    (r"^(Duration: +)\S+", r"\1SECONDS"),
    (r"\b\d+[smhdy]\d*[smhdy]?\b", "AGE"),
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "TOKEN"),
    (r"\b(Progressing|Healthy)\b", "HEALTH"),
    (r"-[a-z0-9]{8,10}(-[a-z0-9]{5})?\b", "-POD"),
    (r"[ \t]+", " "),
)


async def test_the_recorded_runs_end_and_print_as_recorded(session: Session) -> None:
    terminal = placed(session)
    wrong: list[str] = []
    for file in recordings.FILES:
        recording = recordings.read(file)
        if recording.number in NOT_HERE:
            continue
        await session.world.before(recording.number)
        await session.world.until_at_rest(*APPS)
        ran = await terminal.run([session.world.here(word) for word in recording.argv], **here(session))
        wrong += [f"{file.stem}: {text}" for text in unlike(recording, there(ran, session))]
    await session.world.begin_again()
    assert not wrong, "\n".join(wrong)


def placed(session: Session) -> Terminal:
    """A terminal in a folder with the files that the recorded runs read."""
    terminal = Terminal(session.terminal.program, session.terminal.home / "recorded")
    (terminal.home / "run").mkdir(exist_ok=True)
    (terminal.home / "run/x.crt").write_bytes((session.terminal.home / "x.crt").read_bytes())
    [document] = [
        call["request"]["applicationset"]
        for file in recordings.FILES
        for call in recordings.answers(file)
        if call["rpc"].endswith("ApplicationSetService/Create")
    ]
    text = json.dumps({"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", **document})
    (terminal.home / "set.yaml").write_text(session.world.here(text))
    return terminal


def here(session: Session) -> dict[str, str]:
    """The environment: the session of the other terminal."""
    return {"ARGOCD_CONFIG_DIR": str(session.terminal.home / "config")}


def there(ran: Ran, session: Session) -> Ran:
    """What was said, with the addresses of the recordings."""
    out, err = (
        session.world.there(text).replace(session.told["server"], SERVER) for text in (ran.out, ran.err)
    )
    return Ran(ran.code, out, err)


def unlike(recording: recordings.Recording, ran: Ran) -> list[str]:
    """In what a run differs from the recorded one."""
    if recording.number in OTHERWISE:
        return []
    if ran.code != recording.exit_code:
        return [f"ended with {ran.code} instead of {recording.exit_code}: {ran.err.strip()[-400:]}"]
    found = [] if told(ran.err) == told(recording.stderr) else [f"says {ran.err!r}, not {recording.stderr!r}"]
    theirs, ours = document(recording.argv, recording.stdout), document(recording.argv, ran.out)
    if theirs is not None and ours is not None:
        return found + [
            str(each)
            for each in differences(recordings.said(theirs), recordings.said(ours), "out")
            if not re.fullmatch(NO_MATTER, each.path)
        ]
    left, right = set(lines(recording.stdout)), set(lines(ran.out))
    found += [f"does not print {line!r}" for line in sorted(left - right)]
    return found + [f"prints {line!r}" for line in sorted(right - left)]


def document(argv: list[str], text: str) -> Any:
    """The JSON or YAML that was printed; None where text was asked for."""
    form = argv[argv.index("-o") + 1] if "-o" in argv else "yaml" if argv[:2] == ["app", "patch"] else ""
    if form == "json":
        return json.loads(text)
    return yaml.safe_load(text) if form == "yaml" else None


def lines(text: str) -> list[str]:
    """The lines that count, without what another place and time make otherwise; those of progress do not."""
    kept = [line for line in text.splitlines() if not re.match(LEFT_OUT, line)]
    for pattern, instead in _CHANGES:
        kept = [re.sub(pattern, instead, line) for line in kept]
    return [line.strip() for line in kept if line.strip()]


def told(text: str) -> list[tuple[str, str]]:
    """Level and message of each line of stderr."""
    said = [json.loads(line) if line.startswith("{") else {"msg": line} for line in text.splitlines()]
    return [(each.get("level", ""), " ".join(lines(each["msg"]))) for each in said]
