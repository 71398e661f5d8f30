"""A subscription that stopped goes on once a person mended why and says so."""

from typing import Any

from plantroom_server.event_source.kurrentdb import KurrentSource
from plantroom_server.event_source.kurrentdb_client import close
from plantroom_server.event_source.kurrentdb_group import make_group

from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    StoreKind,
)
from custom_components.plantroom.engine.gateway.models import SubscriptionState
from tests.peers.kurrentdb.access import OPS, User
from tests.peers.kurrentdb.server import KurrentServer
from tests.server.event_source.kurrentdb_certificates import made

from .following_bench import STREAM, SUPPLY, defined, following, subscription

USERS = {
    "operator": User(password="changeit", groups=(OPS,)),
    "gateway": User(password="gate"),
}


async def test_a_group_that_somebody_made_at_last_is_taken(tmp_path, cache, ledger):
    authority, tls = made(tmp_path / "tls")

    def source_of(user: str) -> KurrentSource:
        options: dict[str, Any] = {"uri": server.uri, "root_certificates": authority}
        return KurrentSource(
            EventStoreConfig(
                store_id="s",
                kind=StoreKind.KURRENTDB,
                user=user,
                password=USERS[user].password,
                **options,
            )
        )

    with KurrentServer(tmp_path / "data", tls=tls, users=USERS) as server:
        ours, theirs = source_of("gateway"), source_of("operator")
        await ours.start()
        await theirs.start()
        await theirs.append(STREAM, [defined(SUPPLY, "Supply")])
        async with following(ours, cache, ledger) as bench:
            await bench.until(lambda: bench.status.state is SubscriptionState.STOPPED)
            assert bench.status.reason == "event_source_refused"
            assert bench.status.detail.startswith("user may not make the group")
            client = theirs.new_client()
            await client.connect()
            await make_group(client, subscription())
            await close(client)
            bench.following.resume()
            await bench.until(lambda: bench.status.state is SubscriptionState.RUNNING)
            await bench.until(lambda: bench.objects.definition(SUPPLY))
            assert bench.status.reason == ""
            running = bench.following._task
            bench.following.resume()
            assert bench.following._task is running
        await ours.stop()
        await theirs.stop()
