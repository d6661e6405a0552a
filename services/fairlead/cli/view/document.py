"""Documents as JSON or YAML."""

import msgspec


def as_json(value: object) -> str:
    """JSON indented by two, keys in the order they have."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def show(value: object, form: str) -> None:
    """Print a document as `json` or `yaml`."""
    if form == "json":
        print(as_json(value))
    else:
        from fairlead.cli.view.yaml_text import as_yaml

        print(as_yaml(value), end="")
