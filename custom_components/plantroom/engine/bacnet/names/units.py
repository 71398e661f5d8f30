"""Engineering units of BACnet: their numbers, names and printable symbols."""

from typing import Final

from .number_names import NumberNames
from .unit_symbols import symbol_of

NO_UNITS: Final = 95


def unit_name(number: int) -> str:
    """Return the standard's name, "" for no-units, "unit-300" for a vendor's own."""
    return "" if number == NO_UNITS else UNITS.name(number)


def unit_symbol(name: str) -> str:
    """Return the printable symbol of a unit's name ("m³/h"), or the name itself.

    A unit without dimension, such as power-factor, has the symbol "".
    """
    symbol = symbol_of(name)
    return name if symbol is None else symbol


UNITS: Final = NumberNames(
    (
        0,
        """
        square-meters square-feet milliamperes amperes ohms volts kilovolts megavolts
        volt-amperes kilovolt-amperes megavolt-amperes volt-amperes-reactive
        kilovolt-amperes-reactive megavolt-amperes-reactive degrees-phase power-factor
        joules kilojoules watt-hours kilowatt-hours btus therms ton-hours
        joules-per-kilogram-dry-air btus-per-pound-dry-air cycles-per-hour
        cycles-per-minute hertz grams-of-water-per-kilogram-dry-air
        percent-relative-humidity millimeters meters inches feet watts-per-square-foot
        watts-per-square-meter lumens luxes foot-candles kilograms pounds-mass tons
        kilograms-per-second kilograms-per-minute kilograms-per-hour
        pounds-mass-per-minute pounds-mass-per-hour watts kilowatts megawatts
        btus-per-hour horsepower tons-refrigeration pascals kilopascals bars
        pounds-force-per-square-inch centimeters-of-water inches-of-water
        millimeters-of-mercury centimeters-of-mercury inches-of-mercury
        degrees-celsius degrees-kelvin degrees-fahrenheit degree-days-celsius
        degree-days-fahrenheit years months weeks days hours minutes seconds
        meters-per-second kilometers-per-hour feet-per-second feet-per-minute
        miles-per-hour cubic-feet cubic-meters imperial-gallons liters us-gallons
        cubic-feet-per-minute cubic-meters-per-second imperial-gallons-per-minute
        liters-per-second liters-per-minute us-gallons-per-minute degrees-angular
        degrees-celsius-per-hour degrees-celsius-per-minute
        degrees-fahrenheit-per-hour degrees-fahrenheit-per-minute no-units
        parts-per-million parts-per-billion percent percent-per-second per-minute
        per-second psi-per-degree-fahrenheit radians revolutions-per-minute currency1
        currency2 currency3 currency4 currency5 currency6 currency7 currency8
        currency9 currency10 square-inches square-centimeters btus-per-pound
        centimeters pounds-mass-per-second delta-degrees-fahrenheit
        delta-degrees-kelvin kilohms megohms millivolts kilojoules-per-kilogram
        megajoules joules-per-degree-kelvin joules-per-kilogram-degree-kelvin
        kilohertz megahertz per-hour milliwatts hectopascals millibars
        cubic-meters-per-hour liters-per-hour kilowatt-hours-per-square-meter
        kilowatt-hours-per-square-foot megajoules-per-square-meter
        megajoules-per-square-foot watts-per-square-meter-degree-kelvin
        cubic-feet-per-second percent-obscuration-per-foot
        percent-obscuration-per-meter milliohms megawatt-hours kilo-btus mega-btus
        kilojoules-per-kilogram-dry-air megajoules-per-kilogram-dry-air
        kilojoules-per-degree-kelvin megajoules-per-degree-kelvin newton
        grams-per-second grams-per-minute tons-per-hour kilo-btus-per-hour
        hundredths-seconds milliseconds newton-meters millimeters-per-second
        millimeters-per-minute meters-per-minute meters-per-hour
        cubic-meters-per-minute meters-per-second-per-second amperes-per-meter
        amperes-per-square-meter ampere-square-meters farads henrys ohm-meters siemens
        siemens-per-meter teslas volts-per-degree-kelvin volts-per-meter webers
        candelas candelas-per-square-meter degrees-kelvin-per-hour
        degrees-kelvin-per-minute joule-seconds radians-per-second
        square-meters-per-newton kilograms-per-cubic-meter newton-seconds
        newtons-per-meter watts-per-meter-per-degree-kelvin micro-siemens
        cubic-feet-per-hour us-gallons-per-hour kilometers micrometers grams
        milligrams milliliters milliliters-per-second decibels decibels-millivolt
        decibels-volt millisiemens watt-hours-reactive kilowatt-hours-reactive
        megawatt-hours-reactive millimeters-of-water per-mille grams-per-gram
        kilograms-per-kilogram grams-per-kilogram milligrams-per-gram
        milligrams-per-kilogram grams-per-milliliter grams-per-liter
        milligrams-per-liter micrograms-per-liter grams-per-cubic-meter
        milligrams-per-cubic-meter micrograms-per-cubic-meter
        nanograms-per-cubic-meter grams-per-cubic-centimeter becquerels kilobecquerels
        megabecquerels gray milligray microgray sieverts millisieverts microsieverts
        microsieverts-per-hour decibels-a nephelometric-turbidity-unit ph
        grams-per-square-meter minutes-per-degree-kelvin ohm-meter-per-square-meter
        ampere-seconds volt-ampere-hours kilovolt-ampere-hours megavolt-ampere-hours
        volt-ampere-hours-reactive kilovolt-ampere-hours-reactive
        megavolt-ampere-hours-reactive volts-square-hours ampere-square-hours
        joules-per-hours cubic-feet-per-day cubic-meters-per-day
        watt-hours-per-cubic-meter joules-per-cubic-meter mole-percent pascal-seconds
        million-standard-cubic-feet-per-minute
    """,
    ),
    (
        47808,
        """
        standard-cubic-feet-per-day million-standard-cubic-feet-per-day
        thousand-cubic-feet-per-day thousand-standard-cubic-feet-per-day
        pounds-mass-per-day
    """,
    ),
    (
        47814,
        """
        millirems millirems-per-hour degrees-lovibond alcohol-by-volume
        international-bittering-units european-bitterness-units degrees-plato
        specific-gravity european-brewing-convention per-day per-millisecond yards
        miles nautical-miles nanograms micrograms metric-tonnes short-tons long-tons
        grams-per-hour grams-per-day kilograms-per-day short-tons-per-second
        short-tons-per-minute short-tons-per-hour short-tons-per-day
        metric-tonnes-per-second metric-tonnes-per-minute metric-tonnes-per-hour
        metric-tonnes-per-day long-tons-per-second long-tons-per-minute
        long-tons-per-hour long-tons-per-day btus-per-second btus-per-minute
        btus-per-day kilo-btus-per-second kilo-btus-per-minute kilo-btus-per-day
        mega-btus-per-second mega-btus-per-minute mega-btus-per-hour mega-btus-per-day
        joules-per-second joules-per-minute joules-per-day kilojoules-per-second
        kilojoules-per-minute kilojoules-per-hour kilojoules-per-day
        megajoules-per-second megajoules-per-minute megajoules-per-hour
        megajoules-per-day degrees-celsius-per-day degrees-kelvin-per-day
        degrees-fahrenheit-per-day delta-degrees-celsius million-cubic-feet-per-minute
        million-cubic-feet-per-day imperial-gallons-per-second
        imperial-gallons-per-hour imperial-gallons-per-day liters-per-day
        us-gallons-per-second us-gallons-per-day percent-per-minute percent-per-hour
        percent-per-day per-million per-billion micrograms-per-gram nanograms-per-gram
        micrograms-per-kilogram nanograms-per-kilogram milligrams-per-milliliter
        micrograms-per-milliliter nanograms-per-milliliter kilograms-per-liter
        nanograms-per-liter milligrams-per-cubic-centimeter
        micrograms-per-cubic-centimeter nanograms-per-cubic-centimeter
        btu-per-hour-per-watt btu-per-watt-hour-seasonal coefficient-of-performance
        coefficient-of-performance-seasonal kilowatt-per-ton-refrigeration
        lumens-per-watt pound-force-feet pound-force-inches ounce-force-inches
        pounds-force-per-square-inch-absolute pounds-force-per-square-inch-gauge
        microsiemens-per-centimeter millisiemens-per-centimeter millisiemens-per-meter
        millions-of-us-gallons millions-of-imperial-gallons milliliters-per-minute
        mils-per-year millimeters-per-year pulses-per-minute active-energy-pulse-value
        reactive-energy-pulse-value apparent-energy-pulse-value
        volt-squared-hour-pulse-value ampere-squared-hour-pulse-value
        cubic-meter-pulse-value gigawatts gigajoules terajoules gigawatt-hours
        gigawatt-reactive-hours bits-per-second kilobits-per-second
        megabits-per-second gigabits-per-second bytes-per-second kilobytes-per-second
        megabytes-per-second gigabytes-per-second volume1 volume2 volume3 volume4
        volume5 volume6 volume7 volume8 volume9 volume10 volumetric-flow1
        volumetric-flow2 volumetric-flow3 volumetric-flow4 volumetric-flow5
        volumetric-flow6 volumetric-flow7 volumetric-flow8 volumetric-flow9
        volumetric-flow10
    """,
    ),
    (
        47958,
        """
        site-unit1 site-unit2 site-unit3 site-unit4 site-unit5 site-unit6 site-unit7
        site-unit8 site-unit9 site-unit10 particles-per-cubic-foot
        particles-per-cubic-meter picocuries-per-liter becquerels-per-cubic-meter
        grains-of-water-per-pound-dry-air degree-hours-celsius degree-hours-fahrenheit
        degree-minutes-celsius degree-minutes-fahrenheit degree-seconds-celsius
        degree-seconds-fahrenheit microseconds nanoseconds picoseconds
    """,
    ),
    unknown="unit-{}",
)
"""BACnetEngineeringUnits of clause 21, with those of the addenda up to 2020."""
