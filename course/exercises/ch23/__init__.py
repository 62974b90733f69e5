"""The exercises of chapter 23, one file each."""
