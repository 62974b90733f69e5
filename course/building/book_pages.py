"""What the build writes beside the chapters' notebooks: the picture of the path for the README."""

from collections.abc import Sequence
from pathlib import Path

from course.book.path_picture import DARK, LIGHT, path_picture
from course.building.chapter import Chapter

PICTURES = Path("course/pictures")


def book_pages(chapters: Sequence[Chapter]) -> dict[Path, bytes]:
    """Every such file, by its path below the repository."""
    return {
        PICTURES / "path_light.svg": path_picture(chapters, LIGHT).encode(),
        PICTURES / "path_dark.svg": path_picture(chapters, DARK).encode(),
    }
