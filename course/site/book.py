"""Sphinx makes the pages: its settings, and the one call.

Scripts and fonts come from packages, none from a server.
"""

import contextlib
import io
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import SphinxError

from course.site.execute import SiteError
from utils.assets.cache import fetch

STATIC = Path(__file__).parent / "static"
TITLE = "Glass Box"


def settings(static: Path, address: str) -> dict[str, Any]:
    """Sphinx's settings.

    What a chapter writes is a notebook's Markdown, so MyST's own signs are switched off.
    """
    return {
        "project": TITLE,
        "language": "en",
        "extensions": ["myst_nb"],
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "nb_ipywidgets_js": {},
        "myst_enable_extensions": ["dollarmath"],
        "myst_disable_syntax": [
            "myst_line_comment",
            "myst_role",
            "myst_block_break",
            "myst_target",
            "colon_fence",
        ],
        "myst_heading_anchors": 3,
        "mathjax_path": _mathjax(static).name,
        "html_theme": "sphinx_book_theme",
        "html_title": TITLE,
        "html_static_path": [str(static)],
        "html_css_files": ["site.css"],
        "html_js_files": ["frames.js", "ledger.js", "predictions.js"],
        "html_copy_source": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "html_use_index": False,
        "html_theme_options": {
            "repository_url": address,
            "use_repository_button": True,
            "use_download_button": False,
            "home_page_in_toc": True,
            "footer_content_items": [],
            "pygments_light_style": "a11y-high-contrast-light",
            "pygments_dark_style": "a11y-high-contrast-dark",
        },
    }


def _mathjax(static: Path) -> Path:
    """MathJax, copied beside the other scripts."""
    kept = fetch("mathjax")
    return Path(shutil.copy2(kept, static / kept.name))


def make(source: Path, static: Path, target: Path, address: str) -> None:
    """Make the pages of `source` in `target`.

    SiteError, with Sphinx's words, for whatever it warns of.
    """
    for path in STATIC.iterdir():
        shutil.copy2(path, static / path.name)
    said = io.StringIO()
    try:
        own = settings(static, address)
        app = Sphinx(
            srcdir=source,
            confdir=None,
            outdir=target,
            doctreedir=source.parent / "doctrees",
            buildername="html",
            confoverrides=own,
            status=None,
            warning=said,
            freshenv=True,
        )
        app.build(force_all=True)
    except SphinxError as error:
        raise SiteError(f"Sphinx cannot make the pages ({error}); mend what it names") from error
    if words := said.getvalue().strip():
        raise SiteError(f"Sphinx is not content with the pages; mend what it names:\n{words}")
    with contextlib.suppress(FileNotFoundError):
        (target / ".buildinfo").unlink()
