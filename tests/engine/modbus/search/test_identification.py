"""Which profile fits a unit, from what it says of itself and from registers that tell it."""

from typing import Any

import pytest

from custom_components.plantroom.engine.errors import DeviceOfflineError
from custom_components.plantroom.engine.modbus.knowledge.profile import (
    DeviceProfile,
    Identification,
    ProfileSource,
    RegisterSign,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    Order,
    RegisterPoint,
    Space,
    ValueType,
)
from custom_components.plantroom.engine.modbus.search.identification import (
    MOST_SIGN_READS,
    identify,
)

from ..memory_reader import MemoryReader

HOLDING = Space.HOLDING
ACME = {0: b"Acme Ltd.", 1: b"PM-5", 2: b"1.0"}
MOST_REQUESTS = 2 + 3 + MOST_SIGN_READS


def profile(name: str, **identification: Any) -> DeviceProfile:
    return DeviceProfile(
        id=name,
        maker="Acme",
        model=name,
        kind="electricity_meter",
        source=ProfileSource(document="a document"),
        points=(RegisterPoint(key="power", name="Power", address=0),),
        identification=Identification(**identification),
    )


def sign(address: int, *equals: int, **more: Any) -> RegisterSign:
    return RegisterSign(address=address, equals=equals, **more)


async def fitting(reader: MemoryReader, *profiles: DeviceProfile) -> list[str]:
    return [one.id for one in (await identify(reader, profiles)).profiles]


async def test_texts_are_compared_without_regard_to_case():
    reader = MemoryReader(objects=ACME)
    wanted = profile("pm5", vendor="ACME", product="pm-5")
    other = profile("pm6", vendor="Acme", product="PM-6")
    assert await fitting(reader, other, wanted) == ["pm5"]


async def test_what_the_device_says_are_its_facts():
    identity = await identify(
        MemoryReader(objects={**ACME, 4: b"Power meter", 5: b"PM-5560"}), ()
    )
    facts = identity.facts
    assert (facts.vendor, facts.model, facts.firmware) == (
        "Acme Ltd.",
        "PM-5560",
        "1.0",
    )


async def test_profile_of_which_more_holds_comes_first():
    reader = MemoryReader({(HOLDING, 50): (5560,)}, objects=ACME)
    vague = profile("vague", vendor="Acme")
    named = profile("named", vendor="Acme", product="PM-5")
    sure = profile("sure", vendor="Acme", product="PM-5", registers=(sign(50, 5560),))
    assert await fitting(reader, vague, named, sure) == ["sure", "named", "vague"]


async def test_register_that_says_otherwise_rules_a_profile_out():
    reader = MemoryReader({(HOLDING, 50): (5561,)}, objects=ACME)
    wanted = profile("pm", vendor="Acme", product="PM-5", registers=(sign(50, 5560),))
    assert await fitting(reader, wanted) == []


async def test_register_alone_tells_a_device_that_says_nothing():
    reader = MemoryReader({(HOLDING, 50): (5560,)})
    assert await fitting(reader, profile("pm", registers=(sign(50, 1, 5560),))) == [
        "pm"
    ]


async def test_text_in_registers_tells_a_device():
    reader = MemoryReader({(HOLDING, 8): (0x4232, 0x3420)})
    text = RegisterSign(address=8, type=ValueType.STRING, length=2, contains="b24")
    assert await fitting(reader, profile("b24", registers=(text,))) == ["b24"]


async def test_little_word_order_of_a_sign_is_kept():
    reader = MemoryReader({(HOLDING, 8): (2, 1)})
    long = sign(8, 0x10002, type=ValueType.UINT32, word_order=Order.LITTLE)
    assert await fitting(reader, profile("x", registers=(long,))) == ["x"]


async def test_profile_without_any_sign_fits_nobody():
    assert await fitting(MemoryReader(objects=ACME), profile("nobody")) == []


async def test_sign_that_wants_nothing_holds_for_nobody():
    reader = MemoryReader({(HOLDING, 50): (1,)})
    empty = profile("empty", registers=(RegisterSign(address=50),))
    assert await fitting(reader, empty) == []


async def test_server_id_stands_in_for_texts_that_are_refused():
    reader = MemoryReader(server_id=b"\x01\xffAcme PM-5\x00")
    identity = await identify(reader, [profile("pm5", vendor="Acme", product="PM-5")])
    assert [one.id for one in identity.profiles] == ["pm5"]
    assert identity.facts.model == "Acme PM-5"


@pytest.mark.parametrize("server_id", [b"", b"\x00", b"\xff\x12\x00\x01", b"\x80\xfe"])
async def test_server_id_without_words_is_no_name(server_id: bytes):
    identity = await identify(MemoryReader(server_id=server_id), ())
    assert identity.facts.model == ""


@pytest.mark.parametrize(
    "objects",
    [{}, {0: b""}, {0: b"\xff\xfe\x00"}, {200: b"x" * 250}, {0: b"\x00" * 240}],
)
async def test_garbage_in_place_of_texts_is_borne(objects: dict[int, bytes]):
    identity = await identify(MemoryReader(objects=objects), [profile("x", vendor="A")])
    assert identity.profiles == ()


async def test_sunspec_marker_is_seen():
    reader = MemoryReader({(HOLDING, 40000): (0x5375, 0x6E53)})
    assert (await identify(reader, ())).is_sunspec


async def test_device_that_refuses_everything_is_present_and_unknown():
    identity = await identify(MemoryReader(), [profile("x", registers=(sign(9, 1),))])
    assert identity.profiles == ()
    assert not identity.is_sunspec


async def test_device_that_never_answers_is_offline():
    with pytest.raises(DeviceOfflineError):
        await identify(
            MemoryReader(silent=True), [profile("x", registers=(sign(9, 1),))]
        )


async def test_any_number_of_profiles_costs_a_handful_of_requests():
    reader = MemoryReader()
    profiles = [
        profile(f"p{n}", registers=(sign(n, 1), sign(n + 500, 2))) for n in range(99)
    ]
    await identify(reader, profiles)
    assert len(reader.requests) <= MOST_REQUESTS


async def test_profiles_that_look_at_one_register_share_the_read():
    reader = MemoryReader({(HOLDING, 50): (7,)})
    profiles = [profile(f"p{n}", registers=(sign(50, n),)) for n in range(99)]
    assert await fitting(reader, *profiles) == ["p7"]
    assert reader.requests.count(("read", HOLDING, 50, 1)) == 1


async def test_nothing_more_is_read_for_a_profile_that_is_ruled_out():
    reader = MemoryReader({(HOLDING, 50): (1, 2)})
    signs = (sign(50, 7), sign(51, 2), sign(52, 3))
    assert await fitting(reader, profile("x", registers=signs)) == []
    assert ("read", HOLDING, 51, 1) not in reader.requests


async def test_nothing_more_is_read_once_a_profile_is_found():
    reader = MemoryReader({(HOLDING, 50): (1, 2)})
    first, second = (profile(f"p{n}", registers=(sign(49 + n, n),)) for n in (1, 2))
    assert await fitting(reader, first, second) == ["p1"]
    assert ("read", HOLDING, 51, 1) not in reader.requests


async def test_registers_of_profiles_that_the_texts_rule_out_are_not_read():
    reader = MemoryReader(objects=ACME)
    await identify(reader, [profile("x", vendor="Other", registers=(sign(50, 1),))])
    assert ("read", HOLDING, 50, 1) not in reader.requests


async def test_registers_of_profiles_that_the_texts_name_are_read_first():
    reader = MemoryReader({(HOLDING, 999): (1,)}, objects=ACME)
    others = [profile(f"p{n}", registers=(sign(n, 1),)) for n in range(50)]
    named = profile("named", vendor="Acme", registers=(sign(999, 1),))
    assert await fitting(reader, *others, named) == ["named"]
