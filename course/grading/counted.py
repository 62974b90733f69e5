"""Numbers of things, in words."""


def counted(count: int, noun: str) -> str:
    """1 student, 2 students."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
