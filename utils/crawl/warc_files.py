"""Pages to a WARC file, the format in which Common Crawl and other archives keep what a server
answered: one record a page, with the HTTP headers, compressed one by one.
"""

import io
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

_DATE = "2026-11-01T12:00:00Z"


def write_warc(path: Path, pages: Iterable[tuple[str, str]]) -> None:
    """Write (url, html) pairs as the answers of a server."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, html in pages:
            headers = StatusAndHeaders(
                "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
            )
            record = writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(html.encode("utf-8")),
                http_headers=headers,
                warc_headers_dict={"WARC-Date": _DATE},
            )
            writer.write_record(record)


def read_warc(path: Path) -> Iterator[tuple[str, str]]:
    """The (url, html) pairs of all answers in a WARC file, one after the other."""
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "response":
                html = record.content_stream().read().decode("utf-8", errors="replace")
                yield record.rec_headers.get_header("WARC-Target-URI"), html


def through_an_archive(pages: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The (url, html) pairs as they come back out of a WARC file, which is deleted afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crawl.warc.gz"
        write_warc(path, pages)
        return list(read_warc(path))
