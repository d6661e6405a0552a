"""Where the keys of AWS come from, and what is said where there are none."""

from pathlib import Path

import pytest

from fairlead.kube.aws_keys import AwsKeys
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.minting import Aws


@pytest.mark.parametrize(
    "text",
    [
        "aws_secret_access_key = hush\n",
        "[deploy]\nhush hush\n",
        "[deploy]\nhush=1\nhush=2\n",
        "[other]\n",
        "\x00",
    ],
    ids=["no section", "no option", "twice", "another profile", "nothing"],
)
async def test_a_file_that_holds_no_keys_is_told_without_its_lines(tmp_path: Path, text: str) -> None:
    file = tmp_path / "credentials"
    file.write_text(text)
    keys = AwsKeys({"AWS_SHARED_CREDENTIALS_FILE": str(file)})
    with pytest.raises(ConnectionConfigError) as refused:
        await keys.minted(Aws(cluster="prod", profile="deploy"))
    assert str(file) in refused.value.message
    assert "hush" not in refused.value.message
