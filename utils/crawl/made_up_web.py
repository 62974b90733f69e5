"""A small web whose truth is known: pages of real HTML, written with a seed, and of each what it is.

The text of most pages is the beginnings of Wikipedia's articles (utils/data/wikipedia.py); show its
CREDIT with a page. Everything else, people, sites, advertisements, is made up.

    web = make_web(seed=0)
    web[7].html, web[7].kind, web[7].what
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from utils.crawl import personal
from utils.crawl.personal import Personal
from utils.crawl.sites import LAYOUTS, Section, page_of
from utils.data.shakespeare import play
from utils.data.wikipedia import Article, articles

LETTERS = {"english": "en", "french": "fr", "spanish": "es", "german": "de"}
# Of 100 pages; the copies come on top.
SHARES = {
    "article": 38,
    "verse": 3,
    "tutorial": 3,
    "french": 8,
    "spanish": 8,
    "german": 4,
    "two languages": 4,
    "stub": 6,
    "list of links": 6,
    "keywords": 5,
    "from a template": 5,
    "nonsense": 4,
    "notice": 2,
    "betting": 4,
}
GOOD = ("article", "verse", "tutorial", "two languages")
WHAT = ("good text", "copy", "another language", "bad site", "no text for readers")
COPIES = 24  # for 100 other pages
CHANGED = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35)  # shares of a copy's sentences that are other ones
# What a list of bad sites knows. The last two are new: no list has them yet.
BETTING_SITES = (
    *("royal-casino.example", "spin-and-win.example", "lucky-bonus.example"),
    *("calm-harbour.example", "quiet-evening.example"),
)
_SITES = (
    *(
        "daily-lantern.example",
        "open-field.example",
        "north-gazette.example",
        "kitchen-table.example",
    ),
    *("wayfarer.example", "river-note.example", "hill-and-harbour.example", "slow-train.example"),
)
# Innocent, with an unlucky name; a page in 30 comes from here.
_UNLUCKY = ("middlesex-history.example", "essex-walks.example")
_HOW_MANY_WORDS = 320  # of most pages, about


@dataclass(frozen=True)
class Page:
    """A page, and what its authors know of it.

    kind: a key of SHARES; a copy has the kind of its original.
    language: a key of LETTERS, that of most of its words.
    sections: the text itself, without what stands around it.
    copy_of: the place of the original in the web, for a copy; `changed`: the share of its sentences
        that are other ones than there.
    """

    url: str
    html: str
    kind: str
    language: str
    title: str
    sections: tuple[Section, ...]
    personal: tuple[Personal, ...] = ()
    copy_of: int | None = None
    changed: float = 0.0

    @property
    def text(self) -> str:
        """The title, the headings and the paragraphs, a line each: what an extraction should find."""
        lines = [self.title]
        for section in self.sections:
            lines += [section.heading, *section.paragraphs]
        return "\n".join(line for line in lines if line)

    @property
    def what(self) -> str:
        """One of WHAT: what a data set of English text would call the page."""
        if self.kind in GOOD:
            return "good text" if self.copy_of is None else "copy"
        if self.language != "english":
            return "another language"
        return "bad site" if self.kind == "betting" else "no text for readers"


@cache
def _library(language: str) -> tuple[Article, ...]:
    """The articles that pages are made of: every second one, so that others are left to learn from."""
    return tuple(one for one in articles(language)[::2] if len(one.text.split()) >= 20)


@cache
def left_over(language: str) -> tuple[str, ...]:
    """The texts of all articles that no page is made of."""
    return tuple(one.text for one in articles(language)[1::2])


def sentences(text: str) -> list[str]:
    """The sentences of a text, cut where a full stop is followed by a capital letter."""
    return re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý\"“«¿¡])", text)


def _some_articles(language: str, rng: random.Random) -> tuple[str, list[Section]]:
    """A title and sections on one topic, about as many words as most pages have."""
    shelf = _library(language)
    topic = rng.choice(shelf).topic
    found: list[Article] = []
    wanted = rng.uniform(0.5, 1.5) * _HOW_MANY_WORDS
    while sum(len(one.text.split()) for one in found) < wanted:
        one = rng.choice(shelf)
        if one.topic == topic and one not in found:
            found.append(one)
    return f"{topic}: {found[0].title}", [Section(one.title, (one.text,)) for one in found]


def _article(rng: random.Random) -> tuple[str, list[Section]]:
    return _some_articles("english", rng)


def _verse(rng: random.Random) -> tuple[str, list[Section]]:
    lines = [line.strip() for line in play("midsummer_nights_dream").splitlines()]
    verse = [line for line in lines if len(line) > 12 and not line.isupper()]
    at = rng.randrange(len(verse) - 60)
    return "Lines for a long evening", [Section("", tuple(verse[at : at + rng.randrange(30, 60)]))]


def _tutorial(rng: random.Random) -> tuple[str, list[Section]]:
    """Prose on a programming language with braces."""
    name, step = rng.choice(("total", "shelf", "basket")), rng.randrange(2, 90)
    code = f"for (let i = 0; i < {step}; i++) {{ {name}.push(i * {step}); }}"
    paragraphs = (
        f"A loop does the same thing many times. This one puts {step} numbers into {name}, and "
        "each of them is larger than the one before. Read it from the left to the right.",
        code,
        "The first part sets the counter to zero. The second part says how long the loop goes on, "
        "and the third part adds one to the counter after each round. If you forget the third "
        "part, the loop never ends, and you will have to close the window.",
        f"Try it with a smaller number than {step}. What happens if you write the number one? And "
        "what happens if you count down instead of up? Write down what you expect before you run "
        "it, and then have a look at what the machine says.",
    )
    return f"A loop that fills the {name}", [Section("", paragraphs)]


def _foreign(language: str) -> Callable[[random.Random], tuple[str, list[Section]]]:
    return lambda rng: _some_articles(language, rng)


# Written for this course: no encyclopedia of ours has German.
_GERMAN = """Der Hafen liegt am Ende der Straße, und im Winter friert er manchmal zu.
Morgens kommen die Fischer zurück und verkaufen ihren Fang direkt am Wasser.
Wer früh aufsteht, bekommt frisches Brot aus der kleinen Bäckerei neben der Kirche.
Im Sommer fahren die Kinder mit dem Fahrrad zum See und bleiben dort bis zum Abend.
Die alte Mühle wurde vor hundert Jahren gebaut und steht seit langer Zeit leer.
Viele Leute haben versucht, sie zu kaufen, aber niemand weiß, wem sie eigentlich gehört.
Am Sonntag spielt die Kapelle auf dem Platz, und danach gibt es Kuchen für alle.
Der Weg über den Berg dauert drei Stunden und ist bei Regen nicht zu empfehlen.
Von oben sieht man die Dächer der Stadt und weit dahinter das Meer.
Meine Großmutter erzählte gern von der Zeit, als es hier noch keine Eisenbahn gab.
Damals brauchte man für die Reise in die Hauptstadt zwei Tage und ein gutes Pferd.
Heute fährt der Zug jede Stunde, und trotzdem ziehen die jungen Menschen fort.
Im Herbst sammeln wir Pilze und Nüsse, und im Keller lagern die Äpfel bis zum Frühling.
Das Museum zeigt Werkzeuge, Karten und Briefe aus mehreren Jahrhunderten.
Wenn der Wind aus dem Norden kommt, riecht die ganze Stadt nach Salz.
Es ist ein stiller Ort, und genau deshalb bin ich immer wieder dorthin zurückgekehrt.""".splitlines()


def _german(rng: random.Random) -> tuple[str, list[Section]]:
    order = rng.sample(_GERMAN, len(_GERMAN))
    paragraphs = tuple(" ".join(order[at : at + 4]) for at in range(0, 16, 4))
    return "Eine Stadt am Meer", [Section("", paragraphs)]


def _two_languages(rng: random.Random) -> tuple[str, list[Section]]:
    """English with French quotations, English for the greater part."""
    title, english = _some_articles("english", rng)
    _, french = _some_articles("french", rng)
    return title, [*english, *french[: max(1, len(english) // 3)]]


def _stub(rng: random.Random) -> tuple[str, list[Section]]:
    title, sections = _article(rng)
    return title, [Section("", (sentences(sections[0].paragraphs[0])[0],))]


def _list_of_links(rng: random.Random) -> tuple[str, list[Section]]:
    titles = [one.title for one in rng.sample(_library("english"), rng.randrange(60, 120))]
    return "All our pages", [Section("", tuple(titles))]


_GOODS = (
    *("flights", "hotels", "watches", "shoes", "loans"),
    *("phones", "tyres", "sofas", "glasses", "mattresses"),
)
_TOWNS = (
    *("Paris", "Leeds", "Oslo", "Porto", "Turin", "Ghent", "Malmo"),
    *("Basel", "Cork", "Graz", "Bergen", "Split", "Tartu", "Lille"),
)


def _keywords(rng: random.Random) -> tuple[str, list[Section]]:
    """The same few words again and again, for a search engine."""
    goods, town = rng.choice(_GOODS), rng.choice(_TOWNS)
    phrases = [f"cheap {goods} {town}", f"best {goods} {town}", f"{goods} {town} online"]
    run = [" ".join(rng.choice(phrases) for _ in range(12)) + "." for _ in range(8)]
    return f"Cheap {goods} {town}", [Section("", tuple(run))]


def _from_a_template(rng: random.Random) -> tuple[str, list[Section]]:
    """One text for every town and every kind of goods: fluent, and empty."""
    goods, town = rng.choice(_GOODS), rng.choice(_TOWNS)
    days = rng.randrange(2, 9)
    paragraphs = (
        f"Are you looking for the best {goods} in {town}? Then you have come to the right place. "
        "Our team of experts has compared hundreds of offers, so that you do not have to. Read on "
        f"to find out everything you need to know about {goods} and how to save time and money.",
        f"Many people in {town} make the same mistake when they choose {goods}. They take the first "
        "offer that they see, and they pay more than they should. With our simple steps you will "
        "find what suits you, and your family will thank you for it.",
        "First, think about what you really need. Second, compare at least three offers with each "
        f"other. Third, wait for {days} days before you decide, because prices change all the time. "
        "It is as easy as that, and it works for everybody who tries it.",
        f"We hope that this guide to {goods} in {town} was of use to you. Come back soon, because "
        "we add new guides every day, and tell all of your friends about us.",
    )
    return f"The best {goods} in {town}", [Section("", paragraphs)]


@cache
def _next_words() -> dict[tuple[str, str], list[str]]:
    following: dict[tuple[str, str], list[str]] = {}
    for one in _library("english")[:1500]:
        words = one.text.split()
        for first, second, third in zip(words, words[1:], words[2:], strict=False):
            following.setdefault((first, second), []).append(third)
    return following


def _nonsense(rng: random.Random) -> tuple[str, list[Section]]:
    """What a program writes that knows which word follows two others, and nothing else."""
    following = _next_words()
    starts = [pair for pair in following if pair[0][0].isupper() and not pair[0].endswith(".")]
    paragraphs = []
    for _ in range(4):
        words = [*rng.choice(starts)]
        while len(words) < 40 or (not words[-1].endswith(".") and len(words) < 120):
            after = following.get((words[-2], words[-1]))
            words += [rng.choice(after)] if after else rng.choice(starts)
        paragraphs.append(" ".join(words))
    return "Thoughts of the day", [Section("", tuple(paragraphs))]


def _notice(rng: random.Random) -> tuple[str, list[Section]]:
    """What stands where a page is not."""
    return rng.choice(
        (
            (
                "Please wait",
                [Section("", ("Please enable JavaScript in your browser to go on. " * 3,))],
            ),
            (
                "New page",
                [Section("", ("Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 12,))],
            ),
        )
    )


KINDS: dict[str, Callable[[random.Random], tuple[str, list[Section]]]] = {
    "article": _article,
    "verse": _verse,
    "tutorial": _tutorial,
    "french": _foreign("french"),
    "spanish": _foreign("spanish"),
    "german": _german,
    "two languages": _two_languages,
    "stub": _stub,
    "list of links": _list_of_links,
    "keywords": _keywords,
    "from a template": _from_a_template,
    "nonsense": _nonsense,
    "notice": _notice,
    "betting": _article,  # a text like others: only the address tells
}


def _with_personal(
    sections: Sequence[Section], rng: random.Random
) -> tuple[list[Section], tuple[Personal, ...]]:
    """The sections, one of them with a sentence that has something personal, or looks like it."""
    kind = rng.choice(personal.KINDS + personal.LOOK_ALIKES)
    planted = personal.invent(kind, rng)
    at = rng.randrange(len(sections))
    heading, paragraphs = sections[at]
    longer = (*paragraphs[:-1], f"{paragraphs[-1]} {planted.sentence}")
    return [*sections[:at], Section(heading, longer), *sections[at + 1 :]], (planted,)


def _page(kind: str, number: int, rng: random.Random) -> Page:
    title, sections = KINDS[kind](rng)
    planted: tuple[Personal, ...] = ()
    if kind == "article" and rng.random() < 0.5:
        sections, planted = _with_personal(sections, rng)
    site = rng.choice(BETTING_SITES) if kind == "betting" else _site(rng)
    language = kind if kind in LETTERS else "english"
    html = page_of(rng.choice([*LAYOUTS]), title, sections, LETTERS[language], rng)
    url = f"https://www.{site}/{_slug(title)}-{number}.html"
    return Page(url, html, kind, language, title, tuple(sections), planted)


def _site(rng: random.Random) -> str:
    return rng.choice(_UNLUCKY if rng.random() < 1 / 30 else _SITES)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40]


def _copy(original: Page, place: int, changed: float, number: int, rng: random.Random) -> Page:
    """The page on another site, some of its sentences replaced by others."""
    others = [
        sentence for one in rng.sample(_library("english"), 40) for sentence in sentences(one.text)
    ]
    sections = []
    for heading, paragraphs in original.sections:
        texts = [sentences(text) for text in paragraphs]
        for text in texts:
            for at in range(len(text)):
                if rng.random() < changed:
                    text[at] = rng.choice(others)
        sections.append(Section(heading, tuple(" ".join(text) for text in texts)))
    site = _site(rng)
    html = page_of(rng.choice([*LAYOUTS]), original.title, sections, "en", rng)
    whole = "\n".join(text for section in sections for text in section.paragraphs)
    kept = tuple(one for one in original.personal if one.string in whole)
    return replace(
        original,
        url=f"https://{site}/{_slug(original.title)}-{number}.html",
        html=html,
        sections=tuple(sections),
        personal=kept,
        copy_of=place,
        changed=changed,
    )


def make_web(seed: int, size: int = 600) -> list[Page]:
    """About `size` pages, in random order; an original comes before its copies.

    seed: another seed gives other pages.
    """
    rng = random.Random(seed)
    originals = round(size / (1 + COPIES / 100))
    kinds = [kind for kind, share in SHARES.items() for _ in range(round(originals * share / 100))]
    rng.shuffle(kinds)
    web = [_page(kind, number, rng) for number, kind in enumerate(kinds)]
    places = [at for at, page in enumerate(web) if page.kind == "article"]
    for number in range(size - len(web)):
        at = rng.choice(places)
        web.append(_copy(web[at], at, CHANGED[number % len(CHANGED)], len(web), rng))
    return web
