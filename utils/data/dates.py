"""Dates as people write them, in five ways, and as ISO 8601 has them: a task of translation so small
that it can be learned in a minute, and whose right alignment is known.

    written = draw_date(random.Random(0))
    written.text, written.iso       # ("7 March 1987", "1987-03-07")
    read_date("March 7, 1987")      # the same date, from what a person typed

`sources` says for every character of the ISO date from which places of the text it can be known.
"""

import calendar
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

MONTHS = tuple(calendar.month_name)[1:]
FIRST_YEAR, LAST_YEAR = 1900, 2099
ISO_LENGTH = len("1987-03-07")
LONGEST = len("September 30, 1987")  # of any of the five
CHARACTERS = tuple(sorted({*"0123456789-., ", *"".join(MONTHS)}))

_Parts = list[tuple[str, str]]  # what a piece of the text stands for, and the piece

# each gives the pieces of a text, with the part of the date that they carry
FORMATS: dict[str, Callable[[date], _Parts]] = {
    "7 March 1987": lambda d: [_day(d), _gap(" "), _month(d), _gap(" "), _year(d)],
    "March 7, 1987": lambda d: [_month(d), _gap(" "), _day(d), _gap(", "), _year(d)],
    "7. 3. 1987": lambda d: [
        *(_day(d), _gap(". "), ("month", str(d.month)), _gap(". "), _year(d)),
    ],
    "Mar 7 1987": lambda d: [
        *(("month", MONTHS[d.month - 1][:3]), _gap(" "), _day(d), _gap(" "), _year(d)),
    ],
    "1987, March 7": lambda d: [_year(d), _gap(", "), _month(d), _gap(" "), _day(d)],
}


_PATTERNS = {
    "7 March 1987": r"(?P<day>[0-9]{1,2}) (?P<month>[A-Za-z]+) (?P<year>[0-9]{4})",
    "March 7, 1987": r"(?P<month>[A-Za-z]+) (?P<day>[0-9]{1,2}), (?P<year>[0-9]{4})",
    "7. 3. 1987": r"(?P<day>[0-9]{1,2})\. (?P<month>[0-9]{1,2})\. (?P<year>[0-9]{4})",
    "Mar 7 1987": r"(?P<month>[A-Za-z]{3}) (?P<day>[0-9]{1,2}) (?P<year>[0-9]{4})",
    "1987, March 7": r"(?P<year>[0-9]{4}), (?P<month>[A-Za-z]+) (?P<day>[0-9]{1,2})",
}


@dataclass(frozen=True)
class WrittenDate:
    """A date in one of the five formats.

    sources: for each character of `iso`, the places of `text` that decide it; none for a dash.
    """

    text: str
    iso: str
    format: str
    sources: tuple[frozenset[int], ...]


def _day(d: date) -> tuple[str, str]:
    return "day", str(d.day)


def _month(d: date) -> tuple[str, str]:
    return "month", MONTHS[d.month - 1]


def _year(d: date) -> tuple[str, str]:
    return "year", str(d.year)


def _gap(text: str) -> tuple[str, str]:
    return "gap", text


def write_date(d: date, format: str) -> WrittenDate:
    """A date in the format of that name, one of FORMATS."""
    text, places = "", {}
    for part, piece in FORMATS[format](d):
        places[part] = range(len(text), len(text) + len(piece))
        text += piece
    year = [frozenset({place}) for place in places["year"]]
    month = frozenset(places["month"])
    months = [month, month] if not text[places["month"][0]].isdigit() else _digits(places["month"])
    dash = frozenset[int]()
    sources = (*year, dash, *months, dash, *_digits(places["day"]))
    return WrittenDate(text, d.isoformat(), format, sources)


def _digits(places: range) -> list[frozenset[int]]:
    """The sources of two digits: a place each, or one place for both, whose first is then 0."""
    return [frozenset({places[0]}), frozenset({places[-1]})]


def is_held_out(d: date) -> bool:
    """One date in ten, in all its formats, is for the test alone."""
    return d.toordinal() * 7919 % 101 < 10


def draw_date(rng: random.Random, held_out: bool = False) -> WrittenDate:
    """A random date in a random format: one of those that are held out, or one of the others."""
    first, last = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()
    while True:
        d = date.fromordinal(rng.randint(first, last))
        if is_held_out(d) == held_out:
            return write_date(d, rng.choice(list(FORMATS)))


def read_date(text: str) -> WrittenDate:
    """The date that a person typed. ValueError, in a sentence for that person, if it is none, or in
    none of the five formats.
    """
    typed = " ".join(text.split())
    if not typed:
        raise ValueError("There is nothing to translate: type a date, such as 7 March 1987.")
    for format, pattern in _PATTERNS.items():
        if found := re.fullmatch(pattern, typed):
            year, month, day = (found[name] for name in ("year", "month", "day"))
            return write_date(_valid(int(year), _month_number(month, typed), int(day)), format)
    ways = "; ".join(FORMATS)
    raise ValueError(f"“{_short(typed)}” is in none of the five formats. Write it as in: {ways}.")


def _month_number(month: str, typed: str) -> int:
    """From 1 to 12, for a number, a name, or the first three letters of one."""
    if month.isdigit():
        number = int(month)
        if not 1 <= number <= 12:
            raise ValueError(f"There is no month {month}: give one from 1 to 12.")
        return number
    for number, name in enumerate(MONTHS, start=1):
        if month.title() in (name, name[:3]):
            return number
    raise ValueError(f"“{_short(month)}” in “{_short(typed)}” is no month: write March, or Mar.")


def _valid(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(
            f"The year is {year}; the model has learned {FIRST_YEAR} to {LAST_YEAR}: take one of "
            "these."
        )
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise ValueError(
            f"There is no day {day} in {MONTHS[month - 1]} {year}: give one from 1 to {last}."
        )
    return date(year, month, day)


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"
