"""BACnet engineering units as Home Assistant knows them, free of any conversion."""

from dataclasses import dataclass
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    DEGREE,
    LIGHT_LUX,
    REVOLUTIONS_PER_MINUTE,
    UnitOfApparentPower,
    UnitOfArea,
    UnitOfConductivity,
    UnitOfDataRate,
    UnitOfDensity,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfIrradiance,
    UnitOfLength,
    UnitOfMass,
    UnitOfPower,
    UnitOfPressure,
    UnitOfRadiationConcentration,
    UnitOfRatio,
    UnitOfReactiveEnergy,
    UnitOfReactivePower,
    UnitOfSoundPressure,
    UnitOfSpeed,
    UnitOfTemperature,
    UnitOfTime,
    UnitOfVolume,
    UnitOfVolumeFlowRate,
)

from .engine.bacnet.names.units import unit_symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit of Home Assistant and what it measures for certain.

    unit: None for a pure number. device_class: None where the unit alone does not
    tell (parts per million is not always carbon dioxide).
    """

    unit: str | None
    device_class: SensorDeviceClass | None = None


NO_UNIT: Final = UnitRow(unit=None)


def unit_row(bacnet_unit: str) -> UnitRow:
    """Return the row of a BACnet unit name; unknown ones are shown as they are."""
    if not bacnet_unit:
        return NO_UNIT
    row = UNIT_TABLE.get(bacnet_unit)
    if row is None:
        return UnitRow(unit=unit_symbol(bacnet_unit) or None)
    return row


def _rows(
    device_class: SensorDeviceClass | None, **units: str | None
) -> dict[str, UnitRow]:
    """Return rows of one device class by BACnet name, underscores for hyphens."""
    return {
        name.replace("_", "-"): UnitRow(unit=unit, device_class=device_class)
        for name, unit in units.items()
    }


UNIT_TABLE: Final[dict[str, UnitRow]] = {
    "no-units": NO_UNIT,
    **_rows(
        None,
        percent=UnitOfRatio.PERCENTAGE,
        parts_per_million=UnitOfRatio.PARTS_PER_MILLION,
        parts_per_billion=UnitOfRatio.PARTS_PER_BILLION,
        degrees_angular=DEGREE,
        revolutions_per_minute=REVOLUTIONS_PER_MINUTE,
        btus_per_hour=UnitOfPower.BTU_PER_HOUR,
        grams_per_cubic_meter=UnitOfDensity.GRAMS_PER_CUBIC_METER,
        milligrams_per_cubic_meter=UnitOfDensity.MILLIGRAMS_PER_CUBIC_METER,
        micrograms_per_cubic_meter=UnitOfDensity.MICROGRAMS_PER_CUBIC_METER,
        decibels="dB",
        becquerels_per_cubic_meter=UnitOfRadiationConcentration.BECQUEREL_PER_CUBIC_METER,
        picocuries_per_liter=UnitOfRadiationConcentration.PICOCURIES_PER_LITER,
        weeks=UnitOfTime.WEEKS,
        years=UnitOfTime.YEARS,
    ),
    **_rows(
        SensorDeviceClass.HUMIDITY,
        percent_relative_humidity=UnitOfRatio.PERCENTAGE,
    ),
    **_rows(
        SensorDeviceClass.TEMPERATURE,
        degrees_celsius=UnitOfTemperature.CELSIUS,
        degrees_fahrenheit=UnitOfTemperature.FAHRENHEIT,
        degrees_kelvin=UnitOfTemperature.KELVIN,
    ),
    **_rows(
        SensorDeviceClass.TEMPERATURE_DELTA,
        delta_degrees_celsius=UnitOfTemperature.CELSIUS,
        delta_degrees_kelvin=UnitOfTemperature.KELVIN,
        delta_degrees_fahrenheit=UnitOfTemperature.FAHRENHEIT,
    ),
    **_rows(
        SensorDeviceClass.PRESSURE,
        pascals=UnitOfPressure.PA,
        hectopascals=UnitOfPressure.HPA,
        kilopascals=UnitOfPressure.KPA,
        millibars=UnitOfPressure.MBAR,
        bars=UnitOfPressure.BAR,
        pounds_force_per_square_inch=UnitOfPressure.PSI,
        inches_of_water=UnitOfPressure.INH2O,
        inches_of_mercury=UnitOfPressure.INHG,
        millimeters_of_mercury=UnitOfPressure.MMHG,
    ),
    **_rows(
        SensorDeviceClass.VOLUME_FLOW_RATE,
        cubic_meters_per_second=UnitOfVolumeFlowRate.CUBIC_METERS_PER_SECOND,
        cubic_meters_per_minute=UnitOfVolumeFlowRate.CUBIC_METERS_PER_MINUTE,
        cubic_meters_per_hour=UnitOfVolumeFlowRate.CUBIC_METERS_PER_HOUR,
        liters_per_second=UnitOfVolumeFlowRate.LITERS_PER_SECOND,
        liters_per_minute=UnitOfVolumeFlowRate.LITERS_PER_MINUTE,
        liters_per_hour=UnitOfVolumeFlowRate.LITERS_PER_HOUR,
        milliliters_per_second=UnitOfVolumeFlowRate.MILLILITERS_PER_SECOND,
        cubic_feet_per_minute=UnitOfVolumeFlowRate.CUBIC_FEET_PER_MINUTE,
        us_gallons_per_minute=UnitOfVolumeFlowRate.GALLONS_PER_MINUTE,
        us_gallons_per_hour=UnitOfVolumeFlowRate.GALLONS_PER_HOUR,
        us_gallons_per_day=UnitOfVolumeFlowRate.GALLONS_PER_DAY,
    ),
    **_rows(
        SensorDeviceClass.VOLUME,
        cubic_meters=UnitOfVolume.CUBIC_METERS,
        cubic_feet=UnitOfVolume.CUBIC_FEET,
        liters=UnitOfVolume.LITERS,
        milliliters=UnitOfVolume.MILLILITERS,
        us_gallons=UnitOfVolume.GALLONS,
    ),
    **_rows(
        SensorDeviceClass.POWER,
        milliwatts=UnitOfPower.MILLIWATT,
        watts=UnitOfPower.WATT,
        kilowatts=UnitOfPower.KILO_WATT,
        megawatts=UnitOfPower.MEGA_WATT,
        gigawatts=UnitOfPower.GIGA_WATT,
    ),
    **_rows(
        SensorDeviceClass.ENERGY,
        joules=UnitOfEnergy.JOULE,
        kilojoules=UnitOfEnergy.KILO_JOULE,
        megajoules=UnitOfEnergy.MEGA_JOULE,
        gigajoules=UnitOfEnergy.GIGA_JOULE,
        watt_hours=UnitOfEnergy.WATT_HOUR,
        kilowatt_hours=UnitOfEnergy.KILO_WATT_HOUR,
        megawatt_hours=UnitOfEnergy.MEGA_WATT_HOUR,
        gigawatt_hours=UnitOfEnergy.GIGA_WATT_HOUR,
        therms=UnitOfEnergy.THERM,
    ),
    **_rows(
        SensorDeviceClass.APPARENT_POWER,
        volt_amperes=UnitOfApparentPower.VOLT_AMPERE,
        kilovolt_amperes=UnitOfApparentPower.KILO_VOLT_AMPERE,
    ),
    **_rows(
        SensorDeviceClass.REACTIVE_POWER,
        volt_amperes_reactive=UnitOfReactivePower.VOLT_AMPERE_REACTIVE,
        kilovolt_amperes_reactive=UnitOfReactivePower.KILO_VOLT_AMPERE_REACTIVE,
    ),
    **_rows(
        SensorDeviceClass.REACTIVE_ENERGY,
        watt_hours_reactive=UnitOfReactiveEnergy.VOLT_AMPERE_REACTIVE_HOUR,
        kilowatt_hours_reactive=UnitOfReactiveEnergy.KILO_VOLT_AMPERE_REACTIVE_HOUR,
        volt_ampere_hours_reactive=UnitOfReactiveEnergy.VOLT_AMPERE_REACTIVE_HOUR,
        kilovolt_ampere_hours_reactive=(
            UnitOfReactiveEnergy.KILO_VOLT_AMPERE_REACTIVE_HOUR
        ),
    ),
    **_rows(SensorDeviceClass.POWER_FACTOR, power_factor=None),
    **_rows(
        SensorDeviceClass.CURRENT,
        milliamperes=UnitOfElectricCurrent.MILLIAMPERE,
        amperes=UnitOfElectricCurrent.AMPERE,
    ),
    **_rows(
        SensorDeviceClass.VOLTAGE,
        millivolts=UnitOfElectricPotential.MILLIVOLT,
        volts=UnitOfElectricPotential.VOLT,
        kilovolts=UnitOfElectricPotential.KILOVOLT,
        megavolts=UnitOfElectricPotential.MEGAVOLT,
    ),
    **_rows(
        SensorDeviceClass.FREQUENCY,
        hertz=UnitOfFrequency.HERTZ,
        kilohertz=UnitOfFrequency.KILOHERTZ,
        megahertz=UnitOfFrequency.MEGAHERTZ,
    ),
    **_rows(SensorDeviceClass.ILLUMINANCE, luxes=LIGHT_LUX),
    **_rows(
        SensorDeviceClass.IRRADIANCE,
        watts_per_square_meter=UnitOfIrradiance.WATTS_PER_SQUARE_METER,
    ),
    **_rows(
        SensorDeviceClass.DISTANCE,
        millimeters=UnitOfLength.MILLIMETERS,
        centimeters=UnitOfLength.CENTIMETERS,
        meters=UnitOfLength.METERS,
        kilometers=UnitOfLength.KILOMETERS,
        inches=UnitOfLength.INCHES,
        feet=UnitOfLength.FEET,
        yards=UnitOfLength.YARDS,
        miles=UnitOfLength.MILES,
        nautical_miles=UnitOfLength.NAUTICAL_MILES,
    ),
    **_rows(
        SensorDeviceClass.AREA,
        square_meters=UnitOfArea.SQUARE_METERS,
        square_centimeters=UnitOfArea.SQUARE_CENTIMETERS,
        square_feet=UnitOfArea.SQUARE_FEET,
        square_inches=UnitOfArea.SQUARE_INCHES,
    ),
    **_rows(
        SensorDeviceClass.SPEED,
        meters_per_second=UnitOfSpeed.METERS_PER_SECOND,
        meters_per_minute=UnitOfSpeed.METERS_PER_MINUTE,
        millimeters_per_second=UnitOfSpeed.MILLIMETERS_PER_SECOND,
        kilometers_per_hour=UnitOfSpeed.KILOMETERS_PER_HOUR,
        feet_per_second=UnitOfSpeed.FEET_PER_SECOND,
        miles_per_hour=UnitOfSpeed.MILES_PER_HOUR,
    ),
    **_rows(
        SensorDeviceClass.WEIGHT,
        micrograms=UnitOfMass.MICROGRAMS,
        milligrams=UnitOfMass.MILLIGRAMS,
        grams=UnitOfMass.GRAMS,
        kilograms=UnitOfMass.KILOGRAMS,
        pounds_mass=UnitOfMass.POUNDS,
    ),
    **_rows(
        SensorDeviceClass.DURATION,
        microseconds=UnitOfTime.MICROSECONDS,
        milliseconds=UnitOfTime.MILLISECONDS,
        seconds=UnitOfTime.SECONDS,
        minutes=UnitOfTime.MINUTES,
        hours=UnitOfTime.HOURS,
        days=UnitOfTime.DAYS,
    ),
    **_rows(SensorDeviceClass.PH, ph=None),
    **_rows(
        SensorDeviceClass.CONDUCTIVITY,
        microsiemens_per_centimeter=UnitOfConductivity.MICROSIEMENS_PER_CM,
        millisiemens_per_centimeter=UnitOfConductivity.MILLISIEMENS_PER_CM,
    ),
    **_rows(
        SensorDeviceClass.DATA_RATE,
        bits_per_second=UnitOfDataRate.BITS_PER_SECOND,
        kilobits_per_second=UnitOfDataRate.KILOBITS_PER_SECOND,
        megabits_per_second=UnitOfDataRate.MEGABITS_PER_SECOND,
        gigabits_per_second=UnitOfDataRate.GIGABITS_PER_SECOND,
        bytes_per_second=UnitOfDataRate.BYTES_PER_SECOND,
        kilobytes_per_second=UnitOfDataRate.KILOBYTES_PER_SECOND,
        megabytes_per_second=UnitOfDataRate.MEGABYTES_PER_SECOND,
        gigabytes_per_second=UnitOfDataRate.GIGABYTES_PER_SECOND,
    ),
    **_rows(
        SensorDeviceClass.SOUND_PRESSURE,
        decibels_a=UnitOfSoundPressure.WEIGHTED_DECIBEL_A,
    ),
}
