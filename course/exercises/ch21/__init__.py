"""The exercises of chapter 21, one file each."""
