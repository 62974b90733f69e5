"""What notebooks may cost: seconds count by how fast this machine does fixed work at that time."""

import hashlib
import json

import nbformat
import pytest

from course.harness import notebook_budget
from course.harness.cell_cost import _Watch
from course.harness.notebook_budget import REFERENCE, Cost


def pieces(times: float) -> dict[str, float]:
    """What the fixed work takes where everything takes so many times as long as on the reference
    machine.
    """
    return {name: times * seconds for name, seconds in REFERENCE.items()}


def line(seconds: float, look: float | None = None, cell: str = "x") -> dict:
    return {"cell": cell, "seconds": seconds, "pieces": look and pieces(look)}


@pytest.mark.parametrize(
    ("cells", "peak", "says"),
    [
        ({"a": [20.0, 20.0, 20.0]}, notebook_budget.BYTES, []),
        ({"a": [19.0, 30.6]}, None, ["a, code cell 1 takes 31 s; at most 20 s is allowed."]),
        ({"a": [1.0], "b": [15.4] * 6}, None, ["b takes 92 s; at most 60 s is allowed."]),
        ({"a": [1.0]}, 5 * 2**30, ["A notebook takes 5.0 GiB; at most 4 GiB is allowed."]),
    ],
)
def test_budgets(cells, peak, says):
    found = {name: Cost([9 * one for one in counted], counted) for name, counted in cells.items()}
    assert list(notebook_budget.excesses(found, peak)) == says


def test_slowness_is_the_mean_over_the_kinds_of_work():
    assert notebook_budget.slowness(pieces(1.7)) == pytest.approx(1.7)
    assert notebook_budget.slowness(
        {"python": 3 * REFERENCE["python"], "memory": REFERENCE["memory"]}
    ) == pytest.approx(2)


@pytest.mark.parametrize("times", [0.6, 1.0, 2.5])
def test_the_same_work_counts_the_same_on_a_slower_machine(times):
    lines = [line(3 * times, times), line(1 * times), line(8 * times, times)]
    assert notebook_budget.cost(lines).counted == pytest.approx([3, 1, 8])
    assert notebook_budget.cost(lines).slowness == pytest.approx(times)


def test_a_cell_counts_by_the_looks_before_and_after_it():
    lines = [line(2, 1), line(3), line(9, 2), line(4, 4), line(4)]
    # 2 by the look after it; 3 and 9 by (1 + 2) / 2; 4 by (2 + 4) / 2; 4 by the last look alone
    assert notebook_budget.cost(lines).counted == pytest.approx([2, 2, 6, 4 / 3, 1])


def test_a_chapter_that_grew_is_seen_on_a_busy_machine():
    busy = [line(12 * 2.0, 2.0) for _ in range(8)]
    assert list(notebook_budget.excesses({"a": notebook_budget.cost(busy)}, None)) == [
        "a takes 96 s; at most 60 s is allowed."
    ]
    assert not list(notebook_budget.excesses({"a": notebook_budget.cost(busy[:7])}, None))


def written(folder, name, codes, seconds):
    """A notebook, and what a kernel wrote of it."""
    cells = [nbformat.v4.new_code_cell(code) for code in codes] + [
        nbformat.v4.new_markdown_cell("words")
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / name)
    digests = [hashlib.sha256(code.encode()).hexdigest() for code in codes]
    lines = [
        json.dumps(line(one, 1.0, digest)) for one, digest in zip(seconds, digests, strict=True)
    ]
    (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_notebook_is_known_by_its_cells(tmp_path):
    written(tmp_path, "a.ipynb", ["import torch", "x = 1"], [1, 2])
    written(tmp_path, "b.ipynb", ["import torch", "x = 2"], [3, 5])
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("y")]), tmp_path / "c.ipynb"
    )
    found = notebook_budget.costs(tmp_path, tmp_path, ["b.ipynb", "a.ipynb", "c.ipynb"])
    assert {name: one.counted for name, one in found.items()} == {
        "a.ipynb": [1, 2],
        "b.ipynb": [3, 5],
    }


def test_a_kernels_watch_writes_a_line_for_each_cell(tmp_path):
    class Result:
        class info:
            raw_cell = "work()"

    watch = _Watch(tmp_path / "k.jsonl")
    watch.end(Result)  # of the cell that set the watch up: nothing began
    for _ in range(3):
        watch.begin()
        sum(range(2_000_000))
        watch.end(Result)
    first, second, third = map(json.loads, (tmp_path / "k.jsonl").read_text().splitlines())
    assert first["cell"] == hashlib.sha256(b"work()").hexdigest()
    # a look after the first cell, then after seconds of work
    assert set(first["pieces"]) == set(REFERENCE)
    assert second["pieces"] is third["pieces"] is None
    assert all(value > 0 for value in first["pieces"].values()) and second["seconds"] > 0


def test_torch_is_looked_at_only_if_a_cell_imported_it(tmp_path, monkeypatch):
    monkeypatch.delitem(__import__("sys").modules, "torch")
    assert set(_Watch(tmp_path / "k.jsonl").pieces()) == {"python"}
