"""What a benchmark writes is what a lesson reads."""

from course.runs.stored import stored, write_rows


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
