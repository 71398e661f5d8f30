"""Register maps as people save them, and every fault of one said at once."""

from dataclasses import fields

import pytest

from custom_components.plantroom.engine.modbus.csv_map import (
    CsvMapError,
    FaultCode,
    Numbering,
    read_csv_map,
    write_csv_map,
)
from custom_components.plantroom.engine.modbus.csv_map.columns import COLUMNS
from custom_components.plantroom.engine.modbus.registers.register_map import (
    Order,
    RegisterPoint,
    Space,
    ValueType,
    WriteFunction,
)
from custom_components.plantroom.engine.models import Quantity

METER = """\
key,name,address,type,scale,unit
power,Active power,12,float32,,kilowatts
energy,Energy,0x48,uint32,0.01,kWh
"""


def one(text: str, numbering: Numbering = Numbering.FROM_0) -> RegisterPoint:
    (point,) = read_csv_map(text, numbering)
    return point


def faults(text: str | bytes, numbering: Numbering = Numbering.FROM_0) -> list[str]:
    with pytest.raises(CsvMapError) as caught:
        read_csv_map(text, numbering)
    return [f"{f.line} {f.column} {f.code}" for f in caught.value.faults]


def test_every_field_of_a_point_has_a_column():
    assert [field.name for field in fields(RegisterPoint)] == [*COLUMNS]


def test_points_are_read_in_order():
    power, energy = read_csv_map(METER)
    assert power == RegisterPoint(
        key="power",
        name="Active power",
        address=12,
        type=ValueType.FLOAT32,
        unit="kilowatts",
    )
    assert (energy.address, energy.scale, energy.unit) == (72, 0.01, "kilowatt-hours")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separator_is_found(separator: str):
    text = METER.replace(",", separator)
    assert read_csv_map(text) == read_csv_map(METER)


def test_separator_line_of_a_spreadsheet_is_obeyed():
    assert read_csv_map("sep=|\n" + METER.replace(",", "|")) == read_csv_map(METER)
    assert faults("sep=;\nname;address\nA;x\n") == ["3 address not_an_address"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_spreadsheets_are_read(encoding: str):
    point = one(f"name;address\nVorlauf süd;3\n".encode(encoding))  # noqa: F541
    assert point.name == "Vorlauf süd"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_system_are_read(end: str):
    assert read_csv_map(METER.replace("\n", end)) == read_csv_map(METER)


def test_empty_lines_comments_and_surrounding_spaces_are_passed_over():
    text = "\n# my meter\n key , name , address \n\n power , Active power , 12 \n"
    assert one(text) == RegisterPoint(key="power", name="Active power", address=12)


def test_decimal_comma_is_a_decimal_point():
    assert one("name;address;scale\nA;1;0,01\n").scale == 0.01


def test_key_is_made_of_the_name_and_name_of_the_key():
    assert one("name,address\nPower L1 (kW),0\n").key == "power_l1_kw"
    assert one("name,address\n1st stage,0\n").key == "point_1st_stage"
    assert one("key,address\npower,0\n").name == "power"


def test_bits_are_bool_by_themselves():
    assert one("name,address,space\nPump,4,coil\n").type is ValueType.BOOL


def test_words_of_register_lists_are_understood():
    point = one("name,address,space,type,word_order\nA,1,Input Register,S32,LE\n")
    assert point.space is Space.INPUT
    assert point.type is ValueType.INT32
    assert point.word_order is Order.LITTLE


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("kWh", "kilowatt-hours"),
        ("°C", "degrees-celsius"),
        ("%", "percent"),
        ("m³/h", "cubic-meters-per-hour"),
        ("kilowatt-hours", "kilowatt-hours"),
        ("Kilowatt Hours", "kilowatt-hours"),
        ("V", "volts"),
        ("A", "amperes"),
        ("Hz", "hertz"),
        ("kvar", "kilovolt-amperes-reactive"),
    ],
)
def test_units_are_taken_by_name_and_symbol(text: str, unit: str):
    assert one(f"name;address;unit\nA;1;{text}\n").unit == unit


@pytest.mark.parametrize(
    ("text", "numbering", "space", "address"),
    [
        ("0", Numbering.FROM_0, Space.HOLDING, 0),
        ("65535", Numbering.FROM_0, Space.HOLDING, 65535),
        ("40001", Numbering.FROM_0, Space.HOLDING, 40001),
        ("0x9C40", Numbering.FROM_0, Space.HOLDING, 40000),
        ("9C40h", Numbering.FROM_0, Space.HOLDING, 40000),
        ("1", Numbering.FROM_1, Space.HOLDING, 0),
        ("65536", Numbering.FROM_1, Space.HOLDING, 65535),
        ("0x10", Numbering.FROM_1, Space.HOLDING, 16),
        ("40001", Numbering.CLASSIC, Space.HOLDING, 0),
        ("49999", Numbering.CLASSIC, Space.HOLDING, 9998),
        ("400001", Numbering.CLASSIC, Space.HOLDING, 0),
        ("465536", Numbering.CLASSIC, Space.HOLDING, 65535),
        ("30001", Numbering.CLASSIC, Space.INPUT, 0),
        ("300013", Numbering.CLASSIC, Space.INPUT, 12),
        ("10001", Numbering.CLASSIC, Space.DISCRETE_INPUT, 0),
        ("100017", Numbering.CLASSIC, Space.DISCRETE_INPUT, 16),
        ("1", Numbering.CLASSIC, Space.COIL, 0),
        ("00017", Numbering.CLASSIC, Space.COIL, 16),
        ("000017", Numbering.CLASSIC, Space.COIL, 16),
        ("40001.0", Numbering.CLASSIC, Space.HOLDING, 0),
    ],
)
def test_ways_of_counting(text: str, numbering: Numbering, space: Space, address: int):
    point = one(f"name,address\nA,{text}\n", numbering)
    assert (point.space, point.address) == (space, address)


@pytest.mark.parametrize(
    ("text", "numbering"),
    [
        ("-1", Numbering.FROM_0),
        ("65536", Numbering.FROM_0),
        ("1.5", Numbering.FROM_0),
        ("0x10000", Numbering.FROM_0),
        ("abc", Numbering.FROM_0),
        ("²", Numbering.FROM_0),
        ("0", Numbering.FROM_1),
        ("65537", Numbering.FROM_1),
        ("0", Numbering.CLASSIC),
        ("40000", Numbering.CLASSIC),
        ("20001", Numbering.CLASSIC),
        ("50001", Numbering.CLASSIC),
        ("465537", Numbering.CLASSIC),
        ("4000001", Numbering.CLASSIC),
    ],
)
def test_what_is_no_address_is_said(text: str, numbering: Numbering):
    assert faults(f"name,address\nA,{text}\n", numbering) == [
        "2 address not_an_address"
    ]


def test_number_in_another_table_than_the_column_says_is_a_fault():
    text = "name,address,space\nA,30001,holding\nB,30002,input\n"
    assert faults(text, Numbering.CLASSIC) == ["2 address other_space"]


def test_scale_factors_are_counted_as_addresses_are():
    text = "name,address,exponent_address\nA,40001,40003\n"
    assert one(text, Numbering.CLASSIC).exponent_address == 2
    text = "name,address,exponent_address\nA,40001,30003\n"
    assert faults(text, Numbering.CLASSIC) == ["2 exponent_address other_space"]


def test_states_are_read():
    point = one("name,address,states\nA,1,0=Off;1=On=really;-2=a\\;b;\n")
    assert point.states == {"0": "Off", "1": "On=really", "-2": "a;b"}


def test_all_faults_are_said_at_once_with_line_and_column():
    text = (
        "key;name;address;type;scale;writable;states;unit;bit;colour\n"
        "a;A;x;float33;1,2,3;maybe;Off;kWhh;one;\n"
        "\n"
        "B;B;1;;;;;;;\n"
        "c;;2;;;;;;99;\n"
        "c;;3;;;;;;;\n"
        "d;D;;;;;;;;\n"
        "e;E;5;;;;;;;;surplus\n"
    )
    assert faults(text) == [
        "1 colour unknown_column",
        "2 type not_one_of",
        "2 scale not_a_number",
        "2 writable not_yes_or_no",
        "2 states not_states",
        "2 unit unknown_unit",
        "2 bit not_whole",
        "2 address not_an_address",
        "4 key cannot_work",
        "5 bit cannot_work",
        "7 address cell_missing",
        "8  too_many_cells",
    ]


def test_same_key_twice_names_the_other_line():
    with pytest.raises(CsvMapError) as caught:
        read_csv_map("key,address\na,1\na,2\n")
    assert str(caught.value) == (
        "line 3, column key: 'a' is in line 2 already; give each point a key of its own"
    )


def test_fault_says_what_to_do():
    with pytest.raises(CsvMapError) as caught:
        read_csv_map("name,address,unit\nA,7,killowatt-hours\n")
    assert "is it kilowatt-hours" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", FaultCode.NO_ROWS),
        ("name,address\n", FaultCode.NO_ROWS),
        ("\x00\x01\x02", FaultCode.NO_ROWS),
        ("name\nA\n", FaultCode.COLUMN_MISSING),
        ("address\n1\n", FaultCode.COLUMN_MISSING),
        ("name,address,name\nA,1,B\n", FaultCode.COLUMN_TWICE),
        ('name,address\n"A' + "x" * 200_000 + '",1\n', FaultCode.NOT_TEXT),
        ("name,address\n" + "A,1\n" * 10_001, FaultCode.TOO_LONG),
        ("x" * 2_000_001, FaultCode.TOO_LONG),
    ],
    ids=range(9),
)
def test_file_that_is_no_map_is_refused(text: str, code: FaultCode):
    with pytest.raises(CsvMapError) as caught:
        read_csv_map(text)
    assert code in {fault.code for fault in caught.value.faults}


def test_written_map_reads_as_it_was():
    points = (
        RegisterPoint(key="power", name="Power, total", address=0, scale=0.1),
        RegisterPoint(
            key="mode",
            name='The "mode"',
            address=5,
            states={"0": "Off", "10": "On; really", "3": "back\\"},
            writable=True,
            write_function=WriteFunction.MULTIPLE,
            description="two\nlines",
        ),
        RegisterPoint(
            key="energy",
            name="Energy",
            address=7,
            space=Space.INPUT,
            type=ValueType.UINT32,
            word_order=Order.LITTLE,
            exponent_address=6,
            unavailable=(0xFFFFFFFF, 0),
            unit="kilowatt-hours",
            quantity=Quantity.ENERGY_IMPORT,
            counter=True,
            rollover=999999.5,
            minimum=-1.25,
            poll_seconds=60,
            enabled=False,
            category="diagnostic",
        ),
    )
    for delimiter in (",", ";", "\t"):
        assert read_csv_map(write_csv_map(points, delimiter)) == points


def test_written_map_has_no_column_that_says_nothing():
    points = (RegisterPoint(key="power", name="Power", address=0),)
    header = write_csv_map(points).splitlines()[0]
    assert header == "key,name,address,space,type,scale,unit"
