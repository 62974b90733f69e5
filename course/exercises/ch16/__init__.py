"""The exercises of chapter 16, one file each."""
