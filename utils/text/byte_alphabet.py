"""GPT-2's printable alphabet, in which tokenizer files write bytes as text: b" the" is "Ġthe"."""

# A byte that is a printable character of Latin-1 stands for itself, the others, in order, for
# characters 256 and up.
_PRINTABLE = [
    *range(ord("!"), ord("~") + 1),
    *range(ord("¡"), ord("¬") + 1),
    *range(ord("®"), ord("ÿ") + 1),
]
_OTHERS = [byte for byte in range(256) if byte not in _PRINTABLE]

BYTE_TO_CHARACTER = {byte: chr(byte) for byte in _PRINTABLE} | {
    byte: chr(256 + n) for n, byte in enumerate(_OTHERS)
}
CHARACTER_TO_BYTE = {character: byte for byte, character in BYTE_TO_CHARACTER.items()}


def to_byte_level(token: bytes) -> str:
    """`token` in the printable alphabet."""
    return token.decode("latin-1").translate(BYTE_TO_CHARACTER)


def from_byte_level(text: str) -> bytes:
    """The bytes that `text` stands for. Raises ValueError for characters outside the alphabet."""
    try:
        return bytes(map(CHARACTER_TO_BYTE.__getitem__, text))
    except KeyError as error:
        raise ValueError(
            f"the token {text!r} holds {error.args[0]!r}, which stands for no byte in GPT-2's "
            "alphabet: "
            f"is this a byte-level vocabulary, and are all its special tokens named as such?"
        ) from None
