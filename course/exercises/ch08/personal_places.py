"""Exercise 08.3: where to mask mail addresses, telephone numbers and IP addresses."""

import ipaddress
import re
from collections.abc import Iterator
from contextlib import suppress

import torch

from course.judging.exercise import exercise


@exercise(
    "08.3",
    minutes=12,
    hints=(
        "re.finditer(pattern, text) goes through all places that fit; a match knows its start() and "
        "its end(). Write one pattern for each of the three. Before the @ stands any of [\\w.+-], "
        "once or more often.",
        "A domain begins with letters, digits and hyphens. Then comes a group, once or more often: a "
        "dot, and again letters, digits and hyphens. So a full stop that ends the sentence stays.",
        "In a telephone number the + and the first digit are followed by a group, 7 to 14 times: a "
        "blank or a hyphen, or neither ([ -]?), and a digit.",
        "An IP address is a number of 1 to 3 digits and three times a group of a dot and such a "
        "number. What may not stand before it, and what not behind it, so that it is no part of a "
        "longer row? Leave out a match with a number above 255.",
        "Collect [match.start(), match.end()] of all three in one list, and sort it.",
    ),
)
def personal_places(text: str) -> list[list[int]]:
    """Where personal data stands in a text, so that it can be masked.

    A mail address: letters, digits and the signs . _ + - before the @, and behind it a
    domain, of letters, digits and hyphens with dots between them, one dot or more.
    A telephone number: a + and 8 to 15 digits, with nothing, one blank or one hyphen
    between two of them.
    An IP address: four numbers from 0 to 255 with dots between them. Not as a part of a
    longer row: 4.2.0.1.7 is a version of some program.
    Returns [start, end] for each place, in the order of the text. The place is
    text[start:end], without the signs and blanks around it.
    """
    places = []
    for pattern in (r"[\w.+-]+@[\w-]+(\.[\w-]+)+", r"\+\d([ -]?\d){7,14}"):
        places += [[match.start(), match.end()] for match in re.finditer(pattern, text)]
    for match in re.finditer(r"(?<![\d.])\d{1,3}(\.\d{1,3}){3}(?!\.?\d)", text):
        if max(int(number) for number in match[0].split(".")) <= 255:
            places.append([match.start(), match.end()])
    return sorted(places)


Places = list[list[int]]
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_PHONE = r"\+\d(?:[ -]?\d){7,14}"
_NUMBER = r"(?:25[0-5]|2[0-4]\d|1?\d{1,2})"
_IP = rf"(?<![\d.]){_NUMBER}(?:\.{_NUMBER}){{3}}(?!\.?\d)"


def _with(text: str, mail: str = _MAIL, phone: str = _PHONE, ip: str = _IP) -> Places:
    found = [match.span() for one in (mail, phone, ip) for match in re.finditer(one, text)]
    return [[*span] for span in sorted(found)]


@personal_places.also_right
def _patterns_alone(text: str) -> Places:
    return _with(text)


@personal_places.also_right
def _one_pattern_for_all(text: str) -> Places:
    every = re.compile(f"{_MAIL}|{_PHONE}|{_IP}")
    return [[match.start(), match.end()] for match in every.finditer(text)]


@personal_places.also_right
def _asks_the_library(text: str) -> Places:
    places = _with(text, ip=r"(?!)")
    # a row of numbers, as long as it goes
    for match in re.finditer(r"(?<![\d.])\d+(?:\.\d+)+", text):
        numbers = [str(int(number)) for number in match[0].split(".")]
        with suppress(ValueError):
            ipaddress.IPv4Address(".".join(numbers))
            places.append([match.start(), match.end()])
    return sorted(places)


@personal_places.wrong(
    "Where does a mail address end? Everything up to the next blank is eaten here, the full stop and "
    "the bracket behind it too."
)
def _up_to_the_blank(text: str) -> Places:
    return _with(text, mail=r"\S+@\S+")


@personal_places.wrong(
    "Where does the domain end? The full stop that ends the sentence is taken along. A dot belongs to "
    "the domain only with something behind it."
)
def _full_stop_taken(text: str) -> Places:
    return _with(text, mail=r"[\w.+-]+@[\w.-]+")


@personal_places.wrong(
    "What may stand before the @? Also a plus, a dot and a hyphen. Here a part of some addresses "
    "stays, and with it a name."
)
def _letters_before_the_at(text: str) -> Places:
    return _with(text, mail=r"\w+@[\w-]+(?:\.[\w-]+)+")


@personal_places.wrong(
    "How many dots has a domain? One or more. Here what comes behind the first dot and a name, such as "
    "the .uk of .co.uk, stays."
)
def _one_dot_only(text: str) -> Places:
    return _with(text, mail=r"[\w.+-]+@[\w-]+\.[\w-]+")


@personal_places.wrong("May a mail address have capital letters? Yes: some are left as they were.")
def _small_letters_only(text: str) -> Places:
    return _with(text, mail=r"[a-z0-9_.+-]+@[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")


@personal_places.wrong(
    "Is every row of four numbers an IP address? Each is 255 at most: 300.1.2.3 is none, and it is "
    "masked here."
)
def _above_255(text: str) -> Places:
    return _with(text, ip=r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)")


@personal_places.wrong(
    "What stands around an IP address? Here a part of a longer row of numbers is found, such as a "
    "version. Look before and behind: (?<![\\d.]) and (?!\\.?\\d)."
)
def _part_of_a_version(text: str) -> Places:
    return _with(text, ip=rf"{_NUMBER}(?:\.{_NUMBER}){{3}}")


@personal_places.wrong(
    "May a full stop follow an IP address? Yes, at the end of a sentence: only a dot with a digit "
    "behind it makes the row longer."
)
def _no_full_stop_behind(text: str) -> Places:
    return _with(text, ip=rf"(?<![\d.]){_NUMBER}(?:\.{_NUMBER}){{3}}(?![\d.])")


@personal_places.wrong(
    "What does a dot mean in a pattern? Any sign. Here four numbers with blanks or hyphens between "
    "them are taken for an IP address; write \\. for a dot."
)
def _dot_is_any_sign(text: str) -> Places:
    return _with(text, ip=rf"(?<![\d.]){_NUMBER}(?:.{_NUMBER}){{3}}(?!\.?\d)")


@personal_places.wrong(
    "What does a telephone number begin with? A +, which has to be written \\+ in a pattern. Here any "
    "long row of digits is found."
)
def _no_plus(text: str) -> Places:
    return _with(text, phone=r"\+?\d(?:[ -]?\d){7,14}")


@personal_places.wrong(
    "Are the digits of a telephone number always in one piece? A blank or a hyphen may stand between "
    "them."
)
def _digits_in_one_piece(text: str) -> Places:
    return _with(text, phone=r"\+\d{8,15}")


@personal_places.wrong(
    "Does the blank behind a telephone number belong to it? No: a blank counts only with a digit "
    "behind it."
)
def _blank_behind_taken(text: str) -> Places:
    return _with(text, phone=r"\+\d[\d -]{7,}")


@personal_places.wrong(
    "How many digits has a telephone number? Eight at least. Here shorter ones are found, too, such "
    "as a plus with a single digit."
)
def _few_digits(text: str) -> Places:
    return _with(text, phone=r"\+\d(?:[ -]?\d){0,14}")


@personal_places.wrong(
    "How many are there? All places are asked for, not only the first of each kind."
)
def _first_only(text: str) -> Places:
    found = [re.search(one, text) for one in (_MAIL, _PHONE, _IP)]
    return sorted([match.start(), match.end()] for match in found if match)


@personal_places.wrong(
    "In which order? That of the text. Here all mail addresses come first, then all telephone numbers."
)
def _kind_by_kind(text: str) -> Places:
    return [[*m.span()] for one in (_MAIL, _PHONE, _IP) for m in re.finditer(one, text)]


@personal_places.wrong(
    "Where does a place end? `end` is the first character that does not belong to it, as in "
    "text[start:end]. Here it is the last one that does."
)
def _last_included(text: str) -> Places:
    return [[start, end - 1] for start, end in _with(text)]


@personal_places.wrong("Start and end are asked for. The second number here is a length.")
def _lengths(text: str) -> Places:
    return [[start, end - start] for start, end in _with(text)]


@personal_places.wrong(
    "Which kinds are there? Mail and IP addresses, as FineWeb masks them, and telephone numbers."
)
def _no_telephones(text: str) -> Places:
    return _with(text, phone=r"(?!)")


@personal_places.wrong(
    "What is counted, digits or signs? Digits, from 8 to 15: blanks and hyphens come on top. A long "
    "number in small groups is cut short here."
)
def _signs_counted(text: str) -> Places:
    return _with(text, phone=r"\+\d[\d -]{6,13}\d")


_FRAMES = (
    "Write to {mail}, or call {phone} after nine.",
    "She answers from {ip}. Her address is {mail}.",
    "Call {phone}. The server {ip} is down, and {far} is no address.",
    "Release {version} came out in 2019, with +1 for you and +20 for me ({mail}).",
    "From {ip}, {ip2} and {version}: 20261128093000, {mail} (or {mail2}).",
    "Two numbers: {phone}, {phone2} and +4420794609{two} at night; 12 30 45 99 is none.",
    "Nothing here but {far}, {version}, 10 000 000 people and the year 1999.",
)


@personal_places.inputs
def _texts(rng: torch.Generator) -> Iterator[tuple[str]]:
    def number(most: int, least: int = 0) -> int:
        return int(torch.randint(least, most, (1,), generator=rng))

    def ip() -> str:
        return ".".join(str(number(256)) for _ in range(4))

    def mail() -> str:
        before = ("Ilvana.Quill", "t_marrow", "y-vaine", "odalys+news", "B77")[number(5)]
        domain = ("example.org", "mail.example.co.uk", "Post-1.example.net")[number(3)]
        return f"{before}@{domain}"

    def phone() -> str:
        digits = f"{number(100):02}"
        forms = ("+44 20 7946 09{}", "+1-202-555-01{}", "+442079460{}1", "+1 202 55501{}")
        return forms[number(4)].format(digits)

    yield ("Write to ilvana@example.org. Or call +44 20 7946 0958 from 8.8.8.8.",)
    yield (f"Many groups: +49 30 12-34-56-78-{number(100):02}, +1-2-0-2-5-5-5-0-1-{number(10)}-9.",)
    for frame in _FRAMES * 3:
        yield (
            frame.format(
                mail=mail(),
                mail2=mail(),
                phone=phone(),
                phone2=phone(),
                two=f"{number(100):02}",
                ip=ip(),
                ip2=ip(),
                version=f"{number(9)}.{number(30)}.{number(9)}.{number(9)}.{number(9)}",
                far=f"{number(999, 300)}.{number(9)}.{number(9)}.{number(9)}",
            ),
        )
