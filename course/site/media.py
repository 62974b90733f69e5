"""Pictures and views that lie inside a notebook as text become files: a page loads them when they
come into sight.
"""

import base64
import hashlib
import re
from html import escape, unescape
from pathlib import Path

FOLDER = "media"  # below _static
_PICTURE = re.compile(r'src="data:image/png;base64,([A-Za-z0-9+/=\s]+)"')
_VIEW = re.compile(r'srcdoc="([^"]*)"')


def laid_out(html: str, static: Path) -> str:
    """`html` with each PNG and each inner page in a file below `static`, named by what it holds, so
    equal ones are one.

    Pages lie beside _static, so the addresses are relative to it.
    """

    def picture(match: re.Match[str]) -> str:
        return f'loading="lazy" src="{_kept(base64.b64decode(match[1]), "png", static)}"'

    def view(match: re.Match[str]) -> str:
        return f'loading="lazy" src="{_kept(unescape(match[1]).encode("utf-8"), "html", static)}"'

    return _VIEW.sub(view, _PICTURE.sub(picture, html))


def _kept(data: bytes, ending: str, static: Path) -> str:
    name = f"{hashlib.sha256(data).hexdigest()[:20]}.{ending}"
    (static / FOLDER).mkdir(parents=True, exist_ok=True)
    (static / FOLDER / name).write_bytes(data)
    return escape(f"_static/{FOLDER}/{name}")
