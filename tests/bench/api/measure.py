"""All measurements of the API server, in the order in which each disturbs the next least."""

from collections.abc import Callable

from tests.bench.api import answers, search, streams, webhooks
from tests.bench.api.server import NAMESPACE, Api, application, log_in
from tests.bench.api.size import Size
from tests.bench.objects import APPLICATIONS
from tests.bench.report import Measured
from tests.bench.stage import gather


async def measure(api: Api, count: int, add: Callable[[Measured], None]) -> None:
    """Raises BenchError."""
    size = Size(count)
    add(await answers.idle(api))
    await log_in(api)
    await gather(api.kube.create(APPLICATIONS, application(number), NAMESPACE) for number in range(count))
    add(await answers.lists(api, size))
    add(await answers.reads(api, size))
    add(await streams.measure(api, size))
    add(await streams.measure_whole(api, size))
    for measured in await webhooks.measure(api, size):
        add(measured)
    add(await search.measure(api, size))
