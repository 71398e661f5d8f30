"""Names of the numbers in one of the standard's enumerations."""


class NumberNames:
    """A table between numbers and hyphenated names, both ways.

    Made of runs (first number, names of it and the numbers that follow). unknown
    forms the name of a number that is not in the table: "unit-{}".
    """

    def __init__(self, *runs: tuple[int, str], unknown: str = "{}") -> None:
        self._unknown = unknown
        self._names = {
            number: name
            for first, names in runs
            for number, name in enumerate(names.split(), first)
        }
        self._numbers = {name: number for number, name in self._names.items()}

    @property
    def known(self) -> dict[int, str]:
        """Return all names by number."""
        return dict(self._names)

    def name(self, number: int) -> str:
        """Return the name of a number, made up from the number where unknown."""
        return self._names.get(number) or self._unknown.format(number)

    def number(self, name: str) -> int | None:
        """Return the number of a name, or of a number as text; None for neither."""
        number = self._numbers.get(name)
        if number is not None:
            return number
        before, _, after = self._unknown.partition("{}")
        digits = name.removeprefix(before).removesuffix(after)
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > 10:
            return None
        return int(digits)
