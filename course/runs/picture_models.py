"""The stored model that reads a picture and writes its word (benchmarks/picture_word_runs.py)."""

from importlib.resources import as_file, files

from utils.training.picture_writer import PictureWriter, load_picture_writer


def stored_picture_writer() -> PictureWriter:
    """The picture writer that has learned for 600 steps."""
    place = files("course.runs") / "checkpoints" / "picture_writer.safetensors"
    with as_file(place) as path:
        return load_picture_writer(path)
