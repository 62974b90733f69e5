"""The exercises of chapter 24, one file each."""
