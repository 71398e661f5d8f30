from bacpypes3.pdu import Address

from custom_components.plantroom.engine.bacnet.wire.routes import MOST_HEARD, Routes

TOLD, HEARD = Address("10.0.0.1"), Address("10.0.0.2")


async def router_of(routes: Routes, network: int) -> Address | None:
    path = await routes.get_path_info(None, network)
    return path[0] if path else None


async def test_a_frame_teaches_where_to_answer():
    routes = Routes()
    await routes.update_path_info(None, HEARD, {20})
    assert await router_of(routes, 20) == HEARD
    assert await router_of(routes, 21) is None


async def test_a_frame_never_redirects_a_route_we_were_told():
    routes = Routes()
    routes.lead(20, TOLD)
    await routes.update_path_info(None, HEARD, {20})
    assert await router_of(routes, 20) == TOLD


async def test_frames_from_many_networks_are_forgotten_again():
    routes = Routes()
    for network in range(1, 1000):
        await routes.update_path_info(None, HEARD, {network})
    assert len(routes._heard) == MOST_HEARD
    assert await router_of(routes, 999) == HEARD
    assert await router_of(routes, 1) is None


async def test_no_message_of_the_network_layer_takes_a_route_away():
    routes = Routes()
    routes.lead(20, TOLD)
    await routes.delete_router_info(None, TOLD, {20})
    await routes.update_router_status(0, TOLD, 1)
    await routes.update_source_network(0, 5)
    assert await router_of(routes, 20) == TOLD
