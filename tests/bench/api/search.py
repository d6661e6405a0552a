"""Searches with all facets over many Applications, first and last pages, narrow and broad.

The last measurement of its server: it makes as many Applications more as are missing to SEARCHED.
"""

import asyncio

from tests.bench.api.load import Load
from tests.bench.api.server import NAMESPACE, Api, application, loaded
from tests.bench.api.size import Size
from tests.bench.objects import APPLICATIONS
from tests.bench.report import Figure, Measured, median, percentile
from tests.bench.stage import gather

SEARCHED = 10_000.0
BAR_MS = 30.0
EACH = 20
A_SECOND = 5.0
REST_SECONDS = 5.0
SEARCHES = {
    "the first page of all": "",
    "the last page, by health": "?sort=-health&offset={last}",
    "two labels and a word": "?selector=team%20in%20(t3,t4)&search=app-1&sort=created",
    "counts of what is out of sync": "?sync=OutOfSync&limit=0",
}


async def measure(api: Api, size: Size) -> Measured:
    """From the request until its last byte, by a client that decodes nothing: more than the server's time."""
    count = max(size.apps, int(size.of(SEARCHED)))
    before = api.memory().rss
    missing = range(size.apps, count)
    await gather(api.kube.create(APPLICATIONS, application(number), NAMESPACE) for number in missing)
    await asyncio.sleep(REST_SECONDS)
    figures = []
    for name, query in SEARCHES.items():
        path = "/api/v1/search/applications" + query.format(last=count - 50)
        request = api.request(path, api.admin)
        window = api.window()
        load = Load(port=api.port, requests=[request], rate=A_SECOND, seconds=EACH / A_SECOND, connections=1)
        answers = await loaded(load)
        spent = window.spent()
        figures.append(
            Figure(
                name=f"{name}, median",
                value=1000 * median(answers.seconds),
                unit="ms",
                bar=size.bar(BAR_MS),
                note=f"95th percentile {1000 * percentile(answers.seconds, 0.95):.0f} ms,"
                f" {answers.bytes / len(answers.seconds) / 1024:.0f} KiB;"
                f" CPU {1000 * spent.cpu_seconds / len(answers.seconds):.1f} ms each",
                disturbance=spent.disturbance,
            )
        )
    figures.append(
        Figure(name="RSS", value=api.memory().rss, unit="MiB", note=f"{before:.0f} with {size.apps}")
    )
    return Measured(title=f"search with facets over {count} applications", figures=tuple(figures), details={})
