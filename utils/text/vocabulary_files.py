"""Hugging Face's tokenizer files as fields of a Vocabulary; what our tokenizers would do otherwise
is refused.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from utils.text.byte_alphabet import CHARACTER_TO_BYTE


def read_tokenizer_json(source: str | Path | Mapping[str, Any]) -> dict[str, Any]:
    """The fields for Vocabulary.from_byte_level in a tokenizer.json (its path or contents) and the
    files beside it.
    """
    contents = source if isinstance(source, Mapping) else _read_json(Path(source))
    model = contents.get("model") or {}
    _require_plain_bpe(model)
    if contents.get("normalizer") is not None:
        raise ValueError(
            "the tokenizer normalizes text first, which cannot be done here: pick a byte-level "
            "tokenizer."
        )
    added = contents.get("added_tokens") or []
    _require_plain_matching(added)
    _require_no_added_text(contents.get("post_processor"))
    special = {token["content"]: token["id"] for token in added}
    tokens = _in_id_order({**model["vocab"], **special})
    fields = {
        "tokens": tokens,
        "merges": [
            merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]
        ],
        "special": special,
        "split": _split_name(contents.get("pre_tokenizer")),
    }
    return (
        fields
        if isinstance(source, Mapping)
        else fields | _read_settings(Path(source).parent, special, len(tokens))
    )


def read_vocab_and_merges(folder: Path, special: Sequence[str]) -> dict[str, Any]:
    """The fields for Vocabulary.from_byte_level in vocab.json, merges.txt and the files beside
    them.

    All tokens that were added later are special, as in a tokenizer.json.
    """
    vocab = _read_json(folder / "vocab.json")
    added = _added_tokens(folder)
    vocab |= added
    special = list(dict.fromkeys([*special, *added]))
    lines = _read_text(folder / "merges.txt").splitlines()
    # "#" alone may begin a merge
    merges = [line for line in lines if line and not line.startswith("#version")]
    unknown = [text for text in special if text not in vocab]
    if unknown:
        raise ValueError(
            f"the special token {unknown[0]!r} is not in {folder / 'vocab.json'}: name those that "
            "are."
        )
    ids = {text: vocab[text] for text in special}
    fields = {"tokens": _in_id_order(vocab), "merges": merges, "special": ids}
    return fields | _read_settings(folder, ids, len(vocab))


def _added_tokens(folder: Path) -> dict[str, int]:
    """The tokens that older files add to vocab.json, each with its id."""
    by_id = _read_json(folder / "tokenizer_config.json", optional=True).get("added_tokens_decoder")
    described = [{"id": int(id), **token} for id, token in (by_id or {}).items()]
    _require_plain_matching(described)
    added = {token["content"]: token["id"] for token in described}
    return added | _read_json(folder / "added_tokens.json", optional=True)


def _require_plain_bpe(model: Mapping[str, Any]) -> None:
    if model.get("type", "BPE") != "BPE":
        raise ValueError(
            f"the tokenizer's model is of type {model['type']!r}; only byte-level BPE can be read."
        )
    vocab, merges = model.get("vocab"), model.get("merges")
    if not isinstance(merges, list) or not isinstance(vocab, Mapping):
        raise ValueError(
            "the tokenizer's model has no vocab or no merges: is this the tokenizer.json of a "
            "model?"
        )
    used = {
        "dropout",
        "continuing_subword_prefix",
        "end_of_word_suffix",
        "byte_fallback",
        "ignore_merges",
    }
    if not CHARACTER_TO_BYTE.keys() <= vocab.keys():
        used.add("unk_token")  # with all 256 bytes nothing is ever unknown
    used = {name for name in used if model.get(name)}
    if used:
        raise ValueError(
            f"the tokenizer uses BPE with {', '.join(sorted(used))}, which cannot be done here."
        )


def _require_plain_matching(added: Sequence[Mapping[str, Any]]) -> None:
    """Added tokens are all taken as special, so that plain text never turns into one, and matched
    as they stand.
    """
    for token in added:
        if not {"id", "content"} <= token.keys():
            raise ValueError(
                f"the added token {token!r} has no id or no content: the tokenizer.json is damaged."
            )
        odd = [name for name in ("lstrip", "rstrip", "single_word") if token.get(name)]
        if odd:
            raise ValueError(
                f"the added token {token['content']!r} uses {odd[0]}, which cannot be done here."
            )


def _require_no_added_text(post_processor: Mapping[str, Any] | None) -> None:
    """ByteLevel only shifts offsets.

    Others add tokens around each text, which `encode` never does.
    """
    if post_processor is not None and post_processor.get("type") != "ByteLevel":
        raise ValueError(
            "the tokenizer adds tokens to each text (post-processor "
            f"{post_processor.get('type')!r}), which cannot be "
            f"done here: set post_processor to null in tokenizer.json and add the tokens yourself."
        )


def _split_name(pre_tokenizer: Mapping[str, Any] | None) -> str:
    """Which rule of utils.text.pre_tokenization `pre_tokenizer` is."""
    found = pre_tokenizer or {}
    parts = list(found.get("pretokenizers", [])) if found.get("type") == "Sequence" else [found]
    kinds = [part.get("type") for part in parts]
    gpt2 = (
        bool(parts) and not parts[-1].get("add_prefix_space") and parts[-1].get("use_regex", True)
    )
    if gpt2 and kinds == ["ByteLevel"]:
        return "gpt2"
    if gpt2 and kinds == ["Digits", "ByteLevel"] and parts[0].get("individual_digits"):
        return "smollm"
    raise ValueError(
        f"the tokenizer cuts text into words by an unknown rule: {json.dumps(pre_tokenizer)[:300]}."
    )


def _in_id_order(ids: Mapping[str, Any]) -> list[str]:
    texts = {id: text for text, id in ids.items()}
    if len(texts) < len(ids):
        text = next(text for text, id in ids.items() if texts[id] != text)
        raise ValueError(
            f"the tokens {text!r} and {texts[ids[text]]!r} have the same id, {ids[text]}."
        )
    missing = next((id for id in range(len(texts)) if id not in texts), None)
    if missing is not None:
        raise ValueError(
            f"{len(texts)} tokens need the ids 0 to {len(texts) - 1}, but none has id {missing}."
        )
    return [texts[id] for id in range(len(texts))]


def _read_settings(folder: Path, special: Mapping[str, int], size: int) -> dict[str, Any]:
    """Begin and end of text, stop ids and chat template, as far as the model's other files tell.

    config.json may name ids of another vocabulary (a library's defaults). A model of `size` tokens
    never makes those.
    """
    names = _read_json(folder / "tokenizer_config.json", optional=True)
    if names.get("add_prefix_space"):
        raise ValueError(
            f"{folder / 'tokenizer_config.json'} puts a space before each text (add_prefix_space), "
            "which cannot be done here: set it to false and write the space yourself."
        )
    ids = _read_json(folder / "config.json", optional=True)
    ids |= _read_json(folder / "generation_config.json", optional=True)
    stops, begins = (
        [id for id in _as_list(ids.get(key)) if id < size]
        for key in ("eos_token_id", "bos_token_id")
    )
    eos, bos = (
        special.get(_token_text(names.get(key)) or "") for key in ("eos_token", "bos_token")
    )
    return {
        "eos_id": next(iter(stops), None) if eos is None else eos,
        "bos_id": next(iter(begins), None) if bos is None else bos,
        "stop_ids": frozenset(stops),
        "chat_template": _chat_template(folder, names.get("chat_template")),
    }


def _as_list(ids: int | list[int] | None) -> list[int]:
    return ids if isinstance(ids, list) else [] if ids is None else [ids]


def _token_text(token: str | Mapping[str, Any] | None) -> str | None:
    return token["content"] if isinstance(token, Mapping) else token


def _chat_template(folder: Path, in_config: str | Sequence[Mapping[str, str]] | None) -> str | None:
    """The template in a file of its own if there is one; of several named ones, that named
    "default".
    """
    if (folder / "chat_template.jinja").exists():
        return _read_text(folder / "chat_template.jinja")
    if isinstance(in_config, str) or in_config is None:
        return in_config
    return {named["name"]: named["template"] for named in in_config}.get("default")


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise ValueError(
            f"there is no {path.name} in {path.parent}: fetch the tokenizer's files again."
        ) from None
    except UnicodeDecodeError:
        raise ValueError(
            f"{path} is not UTF-8 text: it is damaged; fetch the tokenizer's files again."
        ) from None


def _read_json(path: Path, optional: bool = False) -> dict[str, Any]:
    if optional and not path.exists():
        return {}
    try:
        contents = json.loads(_read_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path} is not valid JSON ({error}): fetch the tokenizer's files again."
        ) from None
    if not isinstance(contents, dict):
        raise ValueError(
            f"{path} holds a {type(contents).__name__}, not a JSON object: is it the right file?"
        )
    return contents
