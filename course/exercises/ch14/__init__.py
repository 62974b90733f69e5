"""The exercises of chapter 14, one file each."""
