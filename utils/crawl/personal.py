"""Personal data of people who do not exist, in sentences for a made-up page; and what only looks
like it.

Telephone numbers, social security numbers and the domains of mail addresses are those set aside for
fiction and examples. The public IP addresses are those of well-known name servers, for none are set
aside that count as public.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

_FIRST = [
    "Ilvana",
    "Torben",
    "Marisel",
    "Quentin",
    "Odalys",
    "Brannoc",
    "Selwyn",
    "Yvaine",
    "Lorcan",
    "Tindra",
]
_LAST = [
    "Quillfeather",
    "Marrowby",
    "Ashgrove",
    "Pellworth",
    "Drumlin",
    "Vantongeren",
    "Oxbarrow",
    "Silvermere",
]
_STREETS = ("Gorse Lane", "Lantern Street", "Old Mill Road", "Harbour Walk")
_NAME_SERVERS = ("8.8.8.8", "1.1.1.1", "9.9.9.9", "208.67.222.222")

KINDS = ("mail", "IP address", "telephone", "social security number", "street")
LOOK_ALIKES = ("version", "private IP address", "mail in words")


class Personal(NamedTuple):
    """One of KINDS or LOOK_ALIKES, the string itself, and the sentence in which it stands."""

    kind: str
    string: str
    sentence: str


def _name(rng: random.Random) -> tuple[str, str]:
    return rng.choice(_FIRST), rng.choice(_LAST)


def _mail(rng: random.Random) -> tuple[str, str]:
    first, last = _name(rng)
    domain = rng.choice(("example.org", "mail.example.com", "post.example.net"))
    string = rng.choice((f"{first}.{last}", f"{first[0]}{last}", f"{first}_{last}")).lower()
    return f"{string}@{domain}", f"For corrections write to {first} {last} at {{}}."


def _ip_address(rng: random.Random) -> tuple[str, str]:
    return rng.choice(_NAME_SERVERS), "The last change came from {} in the night."


def _telephone(rng: random.Random) -> tuple[str, str]:
    first, last = _name(rng)
    last_digits = rng.randrange(100)
    string = rng.choice(
        (
            f"+44 20 7946 09{last_digits:02}",
            f"202-555-01{last_digits:02}",
            f"(202) 555-01{last_digits:02}",
        )
    )
    return string, f"{first} {last} shows visitors around, call {{}} in the morning."


def _social_security(rng: random.Random) -> tuple[str, str]:
    first, last = _name(rng)
    return f"987-65-43{rng.randrange(20, 30)}", f"{first} {last}, number {{}}, keeps the archive."


def _street(rng: random.Random) -> tuple[str, str]:
    first, last = _name(rng)
    string = f"{rng.randrange(1, 90)} {rng.choice(_STREETS)}"
    return string, f"Letters reach {first} {last} at {{}}."


def _version(rng: random.Random) -> tuple[str, str]:
    return (
        f"{rng.randrange(2, 9)}.{rng.randrange(10, 60)}.{rng.randrange(10)}.{rng.randrange(10)}",
        ("This page was made with release {} of our software."),
    )


def _private_ip(rng: random.Random) -> tuple[str, str]:
    return (
        f"192.168.{rng.randrange(9)}.{rng.randrange(2, 99)}",
        "Our printer answers at {} all day.",
    )


def _mail_in_words(rng: random.Random) -> tuple[str, str]:
    first, last = _name(rng)
    return f"{first.lower()} (at) example (dot) org", f"{first} {last} reads letters to {{}} daily."


_MAKERS: dict[str, Callable[[random.Random], tuple[str, str]]] = dict(
    zip(
        KINDS + LOOK_ALIKES,
        (
            *(_mail, _ip_address, _telephone, _social_security, _street),
            *(_version, _private_ip, _mail_in_words),
        ),
        strict=True,
    )
)


def invent(kind: str, rng: random.Random) -> Personal:
    """A made-up string of one of KINDS or LOOK_ALIKES, in a sentence."""
    string, frame = _MAKERS[kind](rng)
    return Personal(kind, string, frame.format(string))
