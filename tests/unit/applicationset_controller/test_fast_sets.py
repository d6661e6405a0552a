"""Sets in the fast mode: each case under tests/golden/applicationsets/fast is one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.render import Scripts
from tests.golden.set_case import cases, check


@pytest.mark.parametrize("case", cases("fast"))
async def test_set(case: dict[str, Any]) -> None:
    await check(case, Scripts(None))
