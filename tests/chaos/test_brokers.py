"""A suite on three servers of each broker: a push is live although what leads them has just gone."""

from pathlib import Path

from fairlead.kube.rest import KubeClient
from fairlead.local.git_server import GitServer, Webhook
from fairlead.local.suite import SuiteConfig
from tests.chaos.brokers import Pushing, SeveralSuite, master_of
from tests.e2e.world import World


async def test_a_push_is_live_though_the_leader_of_all_streams_and_the_master_of_redis_were_killed(
    tmp_path: Path,
) -> None:
    """The poll looks every two minutes; who waits for it does not end in time."""
    config = SuiteConfig(data_dir=tmp_path / "suite", port=0, insecure=True, log_format="json")
    async with (
        SeveralSuite(config) as suite,
        GitServer(tmp_path / "git") as git,
        KubeClient(suite.connection) as client,
    ):
        git.webhooks.append(Webhook(url=f"{suite.api_url}/api/webhook"))
        pushing = await Pushing.begin(World(suite, git, client, tmp_path / "work"))
        leader = await suite.leader("RENDER_REQUESTS")
        await leader.kill()
        await suite.cache.at(await master_of(suite.cache)).kill()
        await pushing.seconds()
