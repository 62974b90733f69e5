"""What a benchmark writes is what a lesson reads."""

from typing import NamedTuple

import pytest

from course.runs.stored import asked_to_write, make_missing, stored, write_rows


class Run(NamedTuple):
    kind: str
    looks_back: bool
    rate: float


def test_rows_are_written_in_the_order_of_the_first_ones_keys(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("what was there before, and longer than what comes\n" * 9, encoding="utf-8")
    write_rows(path, [{"rate": 0.5, "name": "a, b"}, {"name": "ü", "rate": "1e-3"}])
    assert path.read_bytes() == 'rate,name\n0.5,"a, b"\n1e-3,ü\n'.encode()


def test_what_was_read_before_is_read_again_after_writing(tmp_path):
    before = stored("norm_places.csv")
    assert stored("norm_places.csv") is before
    write_rows(tmp_path / "norm_places.csv", [{"a": 1}])
    assert stored("norm_places.csv") is not before


def test_only_what_is_missing_is_made_and_each_run_is_kept_as_soon_as_it_is_there(tmp_path):
    path, made = tmp_path / "runs.csv", []

    def make(run):
        if run.kind == "broken":
            raise RuntimeError("cut off")
        made.append(run)
        label = run._asdict() | {"looks_back": int(run.looks_back)}
        return [{**label, "steps": steps, "loss": "0.50"} for steps in (1, 2)]

    first, second = Run("rnn", False, 1e-3), Run("rnn", True, 1e-3)
    with pytest.raises(RuntimeError):
        make_missing(path, [first, Run("broken", True, 0.1), second], make)
    kept = path.read_text(encoding="utf-8")
    assert kept == "kind,looks_back,rate,steps,loss\nrnn,0,0.001,1,0.50\nrnn,0,0.001,2,0.50\n"
    make_missing(path, [first, second, first], make)
    assert made == [first, second]
    assert path.read_text(encoding="utf-8").startswith(kept)


def test_runs_are_made_only_where_that_is_asked_for(monkeypatch, capsys):
    for given, expected in (([], False), (["--write"], True)):
        monkeypatch.setattr("sys.argv", ["runs.py", *given])
        assert asked_to_write("What it is.\n\nHow.") == expected
    monkeypatch.setattr("sys.argv", ["runs.py", "--help"])
    with pytest.raises(SystemExit):
        asked_to_write("What it is.\n\nHow.")
    shown = capsys.readouterr().out
    assert "What it is." in shown and "How." not in shown
