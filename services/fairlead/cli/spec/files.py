"""Documents of YAML or JSON from a file, an address or the input, and in an editor."""

import os
from pathlib import Path
from typing import Any

from fairlead.cli.client import Document
from fairlead.cli.errors import SettingsError
from fairlead.cli.spec.places import read_text


def documents(where: str, kind: str) -> list[Document]:
    """The documents of a file, all of one kind and at least one. Raises SettingsError."""
    found = [document for document in parsed(read_text(where), where) if document]
    if not found:
        raise SettingsError(f"{where} is empty; it has to hold an {kind}")
    for document in found:
        if not isinstance(document, dict) or document.get("kind", kind) != kind:
            raise SettingsError(f"{where}: every document has to be of kind {kind}")
    return found


def parsed(text: str, where: str) -> list[Any]:
    """All documents of a YAML text. Raises SettingsError."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return list(yaml.load_all(text, Loader=loader))
    except yaml.YAMLError as error:
        raise SettingsError(f"{where} is not YAML: {error}") from error


def edited(document: Any, name: str) -> Any:
    """The document as it was left in the user's editor, None when nothing was changed."""
    import shlex
    import subprocess
    import tempfile

    from fairlead.cli.view.yaml_text import as_yaml

    words = shlex.split(os.environ.get("KUBE_EDITOR") or os.environ.get("EDITOR") or "vi")
    before = as_yaml(document)
    with tempfile.TemporaryDirectory(prefix="fairlead-edit-") as folder:
        file = Path(folder, f"{name.replace('/', '_')}.yaml")
        file.touch(mode=0o600)
        file.write_text(before, encoding="utf-8")
        try:
            subprocess.run([*words, str(file)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SettingsError(f"the editor {words[0]} failed: {error}; EDITOR names another") from error
        after = file.read_text(encoding="utf-8")
    if after == before or not after.strip():
        return None
    found = parsed(after, "what was edited")
    return found[0] if found else None
