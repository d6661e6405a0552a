"""`app create`: a new application, from flags, from a file, or from both."""

from collections.abc import Iterator

from fairlead.cli.client import AppRef, Client, Document
from fairlead.cli.command import Command, Invocation, Values, many, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import NOT_FOUND, PERMISSION_DENIED, RefusedError, SettingsError, UsageError
from fairlead.cli.spec.files import documents
from fairlead.cli.spec.policy import POLICY_FLAGS, apply_policy
from fairlead.cli.spec.source import apply_hydrator, apply_source, pair
from fairlead.cli.spec.source_flags import HYDRATOR_FLAGS, SOURCE_FLAGS, SOURCE_NAMES

CASCADE = "resources-finalizer.argocd.argoproj.io"


def run(call: Invocation) -> None:
    """Create each application that is described."""
    values = call.values
    found = described(call)
    with connect(values) as client:
        for document in found:
            _create(client, document, values)


def described(call: Invocation) -> list[Document]:
    """The applications that the command line means. Raises UsageError, SettingsError."""
    name = call.at_most_one("application") or call.values.text("name")
    return list(_documents(name, call.values))


def _documents(name: str, values: Values) -> Iterator[Document]:
    where = values.text("file")
    if not where:
        if not name:
            raise UsageError("name the application, or give --file")
        yield _flagged({"metadata": {}, "spec": {}}, name, values)
        return
    found = documents(where, "Application")
    if name and len(found) > 1:
        raise UsageError(f"{where} describes several applications, so none can be named")
    for document in found:
        yield _flagged(document, name, values)


def _flagged(document: Document, name: str, values: Values) -> Document:
    metadata = document.setdefault("metadata", {})
    if name and metadata.get("name") not in (None, name):
        raise SettingsError(f"--name argument '{name}' does not match app spec {metadata['name']}")
    if name:
        app = AppRef.of(name, values.text("app-namespace"))
        metadata["name"] = app.name
        if app.namespace:
            metadata["namespace"] = app.namespace
    elif values.text("app-namespace"):
        metadata["namespace"] = values.text("app-namespace")
    spec = document.setdefault("spec", {})
    if values.is_given("project"):
        spec["project"] = values.text("project")
    is_hydrated = apply_hydrator(spec, values) or "sourceHydrator" in spec
    if values.any_given(SOURCE_NAMES) or not (spec.get("sources") or is_hydrated):
        apply_source(spec.setdefault("source", {}), values)
    apply_policy(spec, values)
    _mark(metadata, values)
    return document


def _mark(metadata: Document, values: Values) -> None:
    for flag, key in (("label", "labels"), ("annotations", "annotations")):
        given = dict(pair(text, "NAME=VALUE") for text in values.many(flag))
        if given:
            metadata[key] = {**(metadata.get(key) or {}), **given}
    if values.switch("set-finalizer"):
        known = metadata.get("finalizers") or []
        metadata["finalizers"] = known if CASCADE in known else [*known, CASCADE]


def _create(client: Client, document: Document, values: Values) -> None:
    metadata = document["metadata"]
    app = AppRef(metadata.get("namespace") or "", str(metadata.get("name") or ""))
    before = _existing(client, app)
    after = client.applications.create(
        document, upsert=values.switch("upsert"), validate=values.switch("validate")
    )
    word = "created" if before is None else "unchanged" if _same(before, after) else "updated"
    print(f"application '{after['metadata']['name']}' {word}")


def _existing(client: Client, app: AppRef) -> Document | None:
    if not app.name:
        return None
    try:
        return client.applications.get(app)
    except RefusedError as error:
        if error.code in (PERMISSION_DENIED, NOT_FOUND):
            return None
        raise


def _same(before: Document, after: Document) -> bool:
    old, new = before.get("metadata", {}), after.get("metadata", {})
    keys = ("labels", "annotations", "finalizers")
    return before.get("spec") == after.get("spec") and all(
        (old.get(k) or None) == (new.get(k) or None) for k in keys
    )


COMMAND = Command(
    usage="APPNAME",
    about="Create an application from flags, from a file with --file, or from a file with changes by flags.",
    run=run,
    flags=(
        *SOURCE_FLAGS,
        *HYDRATOR_FLAGS,
        *POLICY_FLAGS,
        text("project", "Project the application belongs to; `default` unless named."),
        text("app-namespace", "Namespace of the application.", short="N"),
        text("file", "File, address or - for the input, with Applications in YAML or JSON.", short="f"),
        text("name", "Name of the application, as the argument."),
        many("label", "Label of the application, NAME=VALUE.", short="l"),
        many("annotations", "Annotation of the application, NAME=VALUE."),
        switch("set-finalizer", "Delete its objects with the application."),
        switch("upsert", "Replace an application of that name that is different."),
        switch("validate", "Check the repository and the manifests first.", default=True),
    ),
    examples=(
        "app create web --repo https://git.example.com/config.git --path apps/web "
        "--dest-server https://kubernetes.default.svc --dest-namespace web",
        "app create web --repo URL --path chart --helm-set replicas=3 --values prod.yaml --dest-name prod",
        "app create -f app.yaml --upsert",
    ),
)
