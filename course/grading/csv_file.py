"""Tables that a teacher wrote or a platform exported (CSV), as spreadsheets of any country save
them: parted by commas, semicolons or tabs.
"""

import csv
import io
from pathlib import Path


class BadTable(ValueError):
    """This file is not the table that it should be. The message is one sentence."""


def rows(path: Path, what: str) -> list[dict[str, str]]:
    """The lines that are not empty, by the names of the columns in lower case.

    what: how a sentence calls the file, like "roster".
    BadTable if it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadTable(
            f"The {what} {path} is not in UTF-8: save it from the spreadsheet as "
            '"CSV UTF-8", and try again.'
        ) from None
    except OSError as error:
        raise BadTable(f"The {what} {path} cannot be read ({error.strerror}).") from None
    first = text.partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        head = [cell.strip().casefold() for cell in next(lines, [])]
        filled = [[cell.strip() for cell in line] for line in lines if any(line)]
    except csv.Error as error:
        raise BadTable(f"The {what} {path} is no table that can be read ({error}).") from None
    return [dict(zip(head, line, strict=False)) for line in filled]
