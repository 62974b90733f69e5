"""Shakespeare's plays as text, in modern spelling: `play("hamlet")`.

They come from Project Gutenberg, already without its licence pages, as one file of 5 MB in which
each work begins with its title and "by William Shakespeare". The text is plain ASCII, and its lines
end with a line feed alone. Cymbeline is not whole: the collection lacks its third and fourth act.
"""

import difflib
import re

from utils.assets.cache import fetch

TITLES = {
    "alls_well_that_ends_well": "ALL'S WELL THAT ENDS WELL",
    "antony_and_cleopatra": "ANTONY AND CLEOPATRA",
    "as_you_like_it": "AS YOU LIKE IT",
    "comedy_of_errors": "THE COMEDY OF ERRORS",
    "coriolanus": "THE TRAGEDY OF CORIOLANUS",
    "cymbeline": "CYMBELINE",
    "hamlet": "HAMLET, PRINCE OF DENMARK",
    "henry_iv_part_1": "KING HENRY IV, THE FIRST PART",
    "henry_iv_part_2": "KING HENRY IV, SECOND PART",
    "henry_v": "THE LIFE OF KING HENRY V",
    "henry_vi_part_1": "KING HENRY VI, FIRST PART",
    "henry_vi_part_2": "HISTORY OF KING HENRY THE SIXTH, SECOND PART",
    "henry_vi_part_3": "THE HISTORY OF KING HENRY THE SIXTH, THIRD PART",
    "henry_viii": "THE LIFE OF HENRY THE EIGHTH",
    "julius_caesar": "JULIUS CAESAR",
    "king_john": "KING JOHN",
    "king_lear": "THE TRAGEDY OF KING LEAR",
    "loves_labours_lost": "LOVE'S LABOUR'S LOST",
    "macbeth": "MACBETH",
    "measure_for_measure": "MEASURE FOR MEASURE",
    "merchant_of_venice": "THE MERCHANT OF VENICE",
    "merry_wives_of_windsor": "THE MERRY WIVES OF WINDSOR",
    "midsummer_nights_dream": "A MIDSUMMER NIGHT'S DREAM",
    "much_ado_about_nothing": "MUCH ADO ABOUT NOTHING",
    "othello": "OTHELLO, THE MOOR OF VENICE",
    "pericles": "PERICLES PRINCE OF TYRE",
    "richard_ii": "THE TRAGEDY OF KING RICHARD THE SECOND",
    "richard_iii": "THE LIFE AND DEATH OF KING RICHARD III",
    "romeo_and_juliet": "ROMEO AND JULIET",
    "taming_of_the_shrew": "THE TAMING OF THE SHREW",
    "tempest": "THE TEMPEST",
    "timon_of_athens": "THE LIFE OF TIMON OF ATHENS",
    "titus_andronicus": "THE TRAGEDY OF TITUS ANDRONICUS",
    "troilus_and_cressida": "THE HISTORY OF TROILUS AND CRESSIDA",
    "twelfth_night": "TWELFTH NIGHT; OR, WHAT YOU WILL",
    "two_gentlemen_of_verona": "THE TWO GENTLEMEN OF VERONA",
    "winters_tale": "THE WINTER'S TALE",
}

# the Sonnets leave out a line
_WORK_BEGINS = re.compile(r"^(?=(\S.*)\n\n?by William Shakespeare$)", re.MULTILINE)


def plays() -> list[str]:
    """The names of the 37 plays, in the order of the alphabet."""
    return list(TITLES)


def play(name: str) -> str:
    """The text of one play, from its title to its last line.

    The first call fetches all of them (5 MB). Raises ValueError, with names that are near, if there
    is no such play; AssetError if the plays cannot be fetched.
    """
    if name not in TITLES:
        wanted = "_".join(name.lower().split())
        near = [known for known in TITLES if wanted and wanted in known]
        near = near or difflib.get_close_matches(wanted, TITLES, n=3)
        advice = f"did you mean {' or '.join(near)}?" if near else "plays() lists the names."
        raise ValueError(f"there is no play called {name!r:.60}: {advice}")
    return _works(fetch("shakespeare").read_text(encoding="utf-8"))[TITLES[name]]


def _works(text: str) -> dict[str, str]:
    """Each work by its title; poems too.

    The pattern has a group, so titles and works take turns after the preface.
    """
    _, *parts = _WORK_BEGINS.split(text)
    return {title: f"{work.strip()}\n" for title, work in zip(parts[::2], parts[1::2], strict=True)}
