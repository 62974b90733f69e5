"""What a web address alone gives away: lists of sites, of words, and of parts of words, as FineWeb
has them. Ours are short and made up; real ones have millions of lines.
"""

import re
from urllib.parse import urlsplit

BAD_SITES = frozenset({"royal-casino.example", "spin-and-win.example", "lucky-bonus.example"})
BAD_WORDS = frozenset({"casino", "jackpot", "roulette"})  # one of them is enough
SUSPICIOUS_WORDS = frozenset({"free", "bonus", "win", "cash", "girls", "hot"})  # two of them are
BAD_PARTS = ("casino", "porn", "sex")  # anywhere in the address


def site_of(url: str) -> str:
    """The name of the site, without www."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def why_bad(url: str) -> str:
    """Which list speaks against an address; empty if none does."""
    words = set(re.split(r"[^a-z0-9]+", url.lower()))
    if site_of(url) in BAD_SITES:
        return "site"
    if words & BAD_WORDS:
        return "word"
    if len(words & SUSPICIOUS_WORDS) >= 2:
        return "suspicious words"
    together = re.sub(r"[^a-z0-9]+", "", url.lower())
    if any(part in together for part in BAD_PARTS):
        return "part of a word"
    return ""
