"""The data folder of a suite, as a flag."""

from pathlib import Path

from fairlead.cli.command import Values, text

DATA_DIR = text("data-dir", "Folder for everything the suite keeps.")


def data_dir(values: Values) -> Path:
    """The folder that was named, else the usual one."""
    from fairlead.local.suite.config import default_data_dir

    given = values.text("data-dir")
    return (Path(given) if given else default_data_dir()).absolute()
