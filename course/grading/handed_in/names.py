"""Names of people and files: in one normal form, decoded where a zip does not say how, and shown
without tricks.
"""

import os
import re
import unicodedata
import zipfile

_UTF8 = 0x800  # the bit of a zip's entry that says: this name is UTF-8
_HANZI = re.compile(rb"(?:[\x00-\x7f]|[\xb0-\xf7][\xa1-\xfe])*")  # Chinese as old Windows writes it


def normal(name: str) -> str:
    """One form for what Unicode can write in two ways: macOS takes é apart, others do not."""
    return unicodedata.normalize("NFC", name)


def plain(text: str) -> str:
    """A name as it can be shown on one line: without characters that cannot be seen or that turn
    the direction.
    """
    kept = "".join(c if c.isprintable() else " " for c in normal(text[:1000]))
    return " ".join(kept.split())[:120] or "without a name"


def alike(name: str) -> str:
    """Equal for names that a reader may take for one: Ann_Lee and ann lee, Zoë and Zoe."""
    apart = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in apart if c.isalnum())


def of_entry(entry: zipfile.ZipInfo) -> tuple[str, bool]:
    """The name of a zip's entry, and whether its alphabet is a guess.

    Many programs write UTF-8 without saying so, and old ones the alphabet of their country.
    """
    name = entry.filename
    if entry.flag_bits & _UTF8 or name.isascii():
        return normal(name), False
    try:
        data = name.encode("cp437")  # as zipfile read it
    except UnicodeEncodeError:
        return normal(name), False
    return _decoded(data, name)


def of_disk(name: str) -> tuple[str, bool]:
    """The name of a file, and whether its alphabet is a guess."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        data = os.fsencode(name)
        return _decoded(data, data.decode("cp437"))
    return normal(name), False


def _decoded(data: bytes, otherwise: str) -> tuple[str, bool]:
    try:
        return normal(data.decode("utf-8")), False
    except UnicodeDecodeError:
        chinese = _HANZI.fullmatch(data)
        return normal(data.decode("gbk") if chinese else otherwise), True
