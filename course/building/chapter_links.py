"""Where a lesson names another chapter, its notebook gets a link there.

Notebooks lie side by side under these names on GitHub, in JupyterLab, in Colab (which follows such
links in what it opens from GitHub) and on the site, so the name of the file is the whole link.
"""

import re
from collections.abc import Mapping

# What stays as it is: code in a fence or a line, formulas, links, HTML tags, headings.
_UNTOUCHED = r"^```.*?^```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|\[[^\]]*\]\([^)]*\)|<[^>]+>|^#[^\n]*$"
_MORE = r"(?:(?:,|,?\s(?:and|or|to))\s\d\d)*"
_MENTION = rf"\b[Cc]hapter(?:s\s\d\d{_MORE}|\s\d\d)\b(?!\.\d)"
_EITHER = re.compile(f"(?P<untouched>{_UNTOUCHED})|(?P<mention>{_MENTION})", re.S | re.M)


def with_links(text: str, slugs: Mapping[str, str]) -> str:
    """Markdown in which "chapter 07", or each number of "chapters 04 and 07", leads to its notebook.

    slugs: the names of the notebooks that can be led to, by number: {"07": "07_optimisers"}. Other
    numbers stay as they are.
    """
    return _EITHER.sub(lambda found: _linked(found, slugs), text)


def _linked(found: re.Match[str], slugs: Mapping[str, str]) -> str:
    if found["mention"] is None:
        return found[0]
    numbers = re.findall(r"\d\d", found[0])
    if len(numbers) == 1:
        return _link(found[0], numbers[0], slugs)
    return re.sub(r"\d\d", lambda number: _link(number[0], number[0], slugs), found[0])


def _link(words: str, number: str, slugs: Mapping[str, str]) -> str:
    return f"[{words}]({slugs[number]}.ipynb)" if number in slugs else words
