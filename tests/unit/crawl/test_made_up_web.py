"""The made-up web is what it says of itself, and its archive gives back what went in."""

import gzip
import ipaddress
import random
import re
from html.parser import HTMLParser

import pytest

from utils.crawl import personal
from utils.crawl.extraction import all_text, main_text
from utils.crawl.made_up_web import CHANGED, COPIES, KINDS, SHARES, WHAT, left_over, make_web
from utils.crawl.minhash import jaccard, shingles
from utils.crawl.scores import word_score
from utils.crawl.sites import LAYOUTS, Section, page_of
from utils.crawl.warc_files import read_warc, through_an_archive, write_warc


@pytest.fixture(scope="module")
def web():
    return make_web(3, size=300)


def test_the_same_seed_gives_the_same_web(web):
    assert make_web(3, size=300) == web
    assert make_web(4, size=300) != web


def test_the_mixture_is_as_declared(web):
    assert len(web) == 300 and list(KINDS) == list(SHARES)
    originals = [page for page in web if page.copy_of is None]
    assert len(originals) == pytest.approx(300 / (1 + COPIES / 100), rel=0.05)
    for kind, share in SHARES.items():
        count = sum(page.kind == kind for page in originals)
        assert count == pytest.approx(len(originals) * share / sum(SHARES.values()), abs=3), kind
    assert {page.what for page in web} == set(WHAT)
    assert len({page.url for page in web}) == len(web)


def test_a_page_holds_its_text(web):
    for page in web[::7]:
        found = word_score(all_text(page.html), page.text)
        assert found.recall == 1, page.url


def test_copies_are_as_far_from_their_originals_as_they_say(web):
    similarity = {share: [] for share in CHANGED}
    for page in web:
        if page.copy_of is not None:
            original = web[page.copy_of]
            assert page.copy_of < web.index(page) and page.title == original.title
            found = jaccard(shingles(page.text), shingles(original.text))
            similarity[page.changed].append(found)
    means = [sum(found) / len(found) for found in similarity.values()]
    assert means[0] == 1 and means == sorted(means, reverse=True) and means[-1] < 0.6


def test_personal_data_stands_where_it_is_said_to_stand(web):
    planted = [(page, one) for page in web for one in page.personal]
    assert {one.kind for _, one in planted} == {*personal.KINDS, *personal.LOOK_ALIKES}
    assert all(one.string in page.text for page, one in planted)


def test_no_person_can_be_reached():
    """Mail and numbers are from the ranges set aside for examples and fiction (RFC 2606; Ofcom; the
    North American 555-01xx; 987-65-432x).
    """
    rng = random.Random(5)
    for _ in range(50):
        mail, ip, phone, number = (personal.invent(kind, rng).string for kind in personal.KINDS[:4])
        assert re.search(r"@([a-z]+\.)?example\.(org|com|net)$", mail)
        assert ipaddress.ip_address(ip).is_global and ip in personal._NAME_SERVERS
        assert re.fullmatch(r"\+44 20 7946 09\d\d|\(?202\)?[ -]555-01\d\d", phone)
        assert re.fullmatch(r"987-65-432\d", number)


def test_what_pages_are_made_of_is_not_left_over(web):
    paragraphs = {text for page in web for _, some in page.sections for text in some}
    unused = set(left_over("english"))
    shared = paragraphs & unused
    assert len(unused) > 4000 and len(shared) <= 3  # an article may stand there twice


class Balanced(HTMLParser):
    """Every tag that opens is closed, in order."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_are_sound_html_and_the_text_is_found(layout):
    long = (
        "The mill <by the river> & its wheel have stood still since the winter of the flood. " * 4
    )
    sections = (Section("The mill", (long.strip(),)), Section("", ("A short one, too.",)))
    html = page_of(layout, "A walk", sections, "en", random.Random(2))
    checked = Balanced()
    checked.feed(html)
    assert not checked.open and "<by the river>" not in html
    assert "The mill <by the river> & its wheel" in all_text(html)
    assert "The mill <by the river> & its wheel" in main_text(html)
    assert "cookies" in all_text(html) or layout == "blog"
    assert "window.shown" not in all_text(html) and "margin" not in all_text(html)


def test_an_archive_gives_back_its_pages(tmp_path):
    pages = [("https://a.example/é", "<p>Grüße 👋</p>"), ("https://b.example/", "")]
    write_warc(tmp_path / "two.warc.gz", pages)
    assert list(read_warc(tmp_path / "two.warc.gz")) == through_an_archive(pages) == pages
    raw = gzip.decompress((tmp_path / "two.warc.gz").read_bytes()).decode("utf-8")
    assert raw.startswith("WARC/1.") and raw.count("WARC-Type: response") == 2
    assert "HTTP/1.1 200 OK" in raw
