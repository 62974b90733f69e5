"""The ledger as a page that can be searched: every claim, with what the notebooks of this build
measured.
"""

from collections.abc import Mapping
from html import escape

from course.claims.claim import VERDICTS, claims, documents, measurements, misfits
from course.claims.table import caption_of, rows_of, table

_SEARCH = """<form class="glass-box-search" role="search" onsubmit="return false">
<label><span>Search the claims</span> <input type="search" id="ledger-words" autocomplete="off"></label>
<label><span>Verdict</span> <select id="ledger-verdict"><option value="">all</option>{verdicts}</select></label>
<output id="ledger-count">{count} claims</output>
</form>"""


def ledger_page(
    measured: Mapping[str, str], wrong: Mapping[str, str], titles: Mapping[str, str]
) -> str:
    """The page, as Markdown with HTML inside.

    `measured`, and `wrong` where it disagrees: by claim; `titles`: of the site's chapters, by
    number.
    """
    measurements.update(measured)
    misfits.update(wrong)
    shown = claims().values()
    sources = "\n".join(
        f"- {one.title}: {one.heading} ({one.file})" for one in documents().values()
    )
    verdicts = "".join(f"<option>{escape(one)}</option>" for one in VERDICTS)
    search = _SEARCH.format(verdicts=verdicts, count=len(shown))
    tables = "\n\n".join(_section(one, titles) for one in sorted({row.chapter for row in shown}))
    return f"# The ledger\n\n{len(shown)} claims of these documents:\n\n{sources}\n\n{search}\n\n{tables}\n"


def _section(number: str, titles: Mapping[str, str]) -> str:
    """A chapter's claims under a heading that goes away with them when the search finds none."""
    rows = rows_of(number)
    heading = f"## Chapter {number}" + (f" · {titles[number]}" if number in titles else "")
    return (
        f'{heading}\n\n<div class="glass-box-ledger">{table(rows, caption_of(number, rows))}</div>'
    )
