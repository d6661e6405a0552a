"""All measurements of the web UI: many played Applications, then a suite with real ones."""

from collections.abc import Callable
from pathlib import Path

from fairlead.local.ui import built_ui
from tests.bench.api.server import NAMESPACE, application, log_in, open_api
from tests.bench.objects import APPLICATIONS
from tests.bench.report import Measured
from tests.bench.stage import gather, open_stage
from tests.bench.ui import listing, one


async def measure(folder: Path, count: int, add: Callable[[Measured], None]) -> None:
    """Raises BenchError, a LocalError, or what Playwright raises when something does not come true."""
    ui = await built_ui()
    async with open_api(folder / "api", ui) as api:
        await log_in(api)
        await gather(api.kube.create(APPLICATIONS, application(number), NAMESPACE) for number in range(count))
        add(await listing.measure(api, count, ui))
    async with open_stage(folder, {}) as stage:
        for measured in await one.measure(stage):
            add(measured)
