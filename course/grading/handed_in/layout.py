"""How a class is laid out: at which place of the tree the names of people stand.

The outer name counts, for it says who handed in: what is in somebody's folder or zip is theirs,
whatever names stand in there. What is not certain is a guess, in words that the teacher reads
before grading.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from course.grading.handed_in.gradescope import METADATA, submitters
from course.grading.handed_in.names import normal, plain
from course.grading.handed_in.owners import Owner, named_by_file, of_chapters, on_platform
from course.grading.handed_in.tree import Node, Unused

Path = tuple[str, ...]


@dataclass(frozen=True)
class Claim:
    """What one person handed in, at one place of the tree. `guess`: why that is not certain."""

    owner: Owner
    node: Node
    above: Path
    guess: str = ""


@dataclass
class Layout:
    """Whose everything is, and what is of nobody."""

    claims: list[Claim] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def lay_out(root: Node, slugs: Sequence[str]) -> Layout:
    """Whose is what below this root."""
    found = Layout()
    _Reader(slugs, found, root.name).level(root.children, (root.name,))
    return found


@dataclass
class _Reader:
    slugs: Sequence[str]
    found: Layout
    root: str
    group: str = ""  # of the class, where it comes in several parts

    def level(self, nodes: Sequence[Node], above: Path) -> None:
        """Nodes of which each is somebody's, or which only lead on to such nodes."""
        holders = [node for node in nodes if node.holder]
        notebooks = [node for node in nodes if node.notebook]
        named = [node for node in nodes if on_platform(node.name)]
        # half of them and not all: platforms cut long names, and teachers add what came by mail
        if named and 2 * len(named) >= len(holders) + len(notebooks):
            return self._platform(nodes, above)
        if not notebooks and len(holders) == 1 and self._of_many(holders[0]):
            self._nobodys([node for node in nodes if node not in holders], above)
            return self.level(holders[0].children, (*above, holders[0].name))
        self._rest(nodes, above)

    def _rest(self, nodes: Sequence[Node], above: Path) -> None:
        """Nodes that have no names of a platform, or too few to rely on them."""
        holders = [node for node in nodes if node.holder]
        notebooks = [node for node in nodes if node.notebook]
        others = [node for node in nodes if not node.holder and not node.notebook]
        free = [node for node in holders if not on_platform(node.name)]
        parts = [node for node in free if self._of_many(node)]
        # One student may hand in what looks like a class; most of a class do not.
        if not notebooks and 2 * len(parts) > len(free):
            self._parts(parts, above)
            holders = [node for node in holders if node not in parts]
        self._people(holders, notebooks, others, above)

    # --- a platform's names ----------------------------------------------------------------------

    def _platform(self, nodes: Sequence[Node], above: Path) -> None:
        named = [(node, owner) for node in nodes if (owner := on_platform(node.name))]
        rest = [node for node in nodes if not on_platform(node.name)]
        metadata = next((node for node in rest if node.name == METADATA), None)
        known = submitters(metadata, self.found.notes) if metadata else {}
        for node, owner in named:
            stem = node.name.partition(".")[0]
            people = known.get(stem) if owner.platform == "Gradescope" else None
            for one in people or [owner]:
                nameless = owner.platform == "Gradescope" and not people
                guess = f"{METADATA} does not say whose {node.name} is" if nameless else ""
                self.found.claims.append(Claim(one, node, above, guess))
        self._rest(rest, above)

    # --- folders, zips and files with names of people ---------------------------------------------

    def _people(
        self,
        holders: Sequence[Node],
        notebooks: Sequence[Node],
        others: Sequence[Node],
        above: Path,
    ) -> None:
        by_chapter = of_chapters(self.slugs)
        for node in holders:
            if node.name.casefold() in by_chapter and node.children:
                self.level(node.children, (*above, node.name))
            else:
                self._claim_holder(node, above)
        named: dict[str, list[Node]] = {}
        for node in notebooks:
            named.setdefault(normal(named_by_file(node.name, self.slugs)), []).append(node)
        nameless = named.pop("", [])
        if named or holders:
            self._nobody_knows_whose(nameless, above)
        else:
            self._of_one_folder(nameless, above)
        for name, files in named.items():
            for node in files:
                self._claim(name, node, above, "named by the file only")
        for node in others:
            self._other(node, set(named), above)

    def _claim_holder(self, node: Node, above: Path) -> None:
        """A folder or a zip; a zip may have the chapter in its name, as a file has."""
        if found := on_platform(node.name):
            self.found.claims.append(Claim(found, node, above))
        elif not node.name.lower().endswith(".zip"):
            self._claim(node.name, node, above)
        else:
            stem = node.name[:-4]
            name = named_by_file(node.name, self.slugs) or stem
            self._claim(name, node, above, "" if name == stem else "named by the zip's name only")

    def _of_one_folder(self, notebooks: Sequence[Node], above: Path) -> None:
        """Notebooks that are called like a chapter and nothing else, and nothing beside them: one
        student's folder, if it holds no chapter twice.
        """
        chapters = [self._chapter(node.name) for node in notebooks]
        if len(set(chapters)) < len(chapters):
            return self._nobody_knows_whose(notebooks, above)
        name = above[-1][:-4] if above[-1].lower().endswith(".zip") else above[-1]
        for node in notebooks:
            self._claim(name, node, above, "nothing but the folder has a name")

    def _nobody_knows_whose(self, notebooks: Sequence[Node], above: Path) -> None:
        for node in notebooks:
            name = node.name.rpartition(".")[0]
            self._claim(name, node, above, "a file without a name, taken for a person's")

    def _other(self, node: Node, names: set[str], above: Path) -> None:
        """A file that is no notebook: it goes with the notebooks of the same name."""
        name = normal(named_by_file(node.name, self.slugs))
        whose = next((one for one in names if name == one or name.startswith(f"{one}_")), None)
        if whose:
            self._claim(whose, node, above, "named by the file only")
        elif found := on_platform(node.name):
            self.found.claims.append(Claim(found, node, above))
        else:
            self._nobodys([node], above)

    def _claim(self, name: str, node: Node, above: Path, guess: str = "") -> None:
        """For somebody of whom nothing but a name is known; what is shown of it may be shorter."""
        owner = Owner(plain(name), place=f"{self.group}\n{normal(name)}")
        self.found.claims.append(Claim(owner, node, above, guess))

    def _nobodys(self, nodes: Sequence[Node], above: Path) -> None:
        for node in nodes:
            self.found.unused.append(
                Unused(plain("/".join((*above[1:], node.name))), "names no student")
            )

    # --- a class in several parts -----------------------------------------------------------------

    def _parts(self, parts: Sequence[Node], above: Path) -> None:
        for node in parts:
            inside = (*above, node.name)
            part = _Reader(self.slugs, self.found, self.root, "/".join(inside[1:]))
            part.level(node.children, inside)

    def _of_many(self, node: Node) -> bool:
        """Whether a folder or zip holds what several people handed in, and not one person's files.

        Names of a platform tell it, names of people before or behind a chapter's, and the same
        file in several folders.
        """
        if on_platform(node.name):
            return False
        holders = [one for one in node.children if one.holder]
        notebooks = [one for one in node.children if one.notebook]
        platform = [one for one in (*holders, *notebooks) if on_platform(one.name)]
        if platform and 2 * len(platform) > len(holders) + len(notebooks):
            return len({on_platform(one.name) for one in platform}) > 1 or not notebooks
        if len(holders) == 1 and not notebooks:
            return self._of_many(holders[0])
        if notebooks:
            return self._of_several(notebooks)
        people = [one for one in holders if one.name.casefold() not in of_chapters(self.slugs)]
        if people:
            return self._repeats(people) or any(map(self._of_many, people))
        return any(map(self._of_many, holders))

    def _of_several(self, notebooks: Sequence[Node]) -> bool:
        """Whether the names of these notebooks tell people apart: the same chapter, other names."""
        names = [
            (self._chapter(one.name), named_by_file(one.name, self.slugs)) for one in notebooks
        ]
        chapters = [chapter for chapter, name in names if name and chapter]
        return len(set(chapters)) < len(chapters) and len({name for _, name in names}) > 1

    def _repeats(self, holders: Sequence[Node]) -> bool:
        """Whether two of these hold the same chapter, or files of the same name."""
        seen: set[str] = set()
        for holder in holders:
            own = {self._chapter(node.name) or node.name for _, node in _notebooks(holder)}
            if own & seen:
                return True
            seen |= own
        return len(holders) > 1 and not seen

    def _chapter(self, name: str) -> str:
        """The chapter that a file's name names, or nothing."""
        low = name.casefold()
        whole = (slug for slug in self.slugs if slug.casefold() in low)
        return next(whole, next((slug for slug in self.slugs if low.startswith(slug[:2])), ""))


def _notebooks(node: Node) -> Iterator[tuple[Path, Node]]:
    return (pair for pair in node.files() if pair[1].notebook)
