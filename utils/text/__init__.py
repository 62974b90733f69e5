"""Between text and token ids: vocabularies, tokenizers, how merges are learned, chats."""
