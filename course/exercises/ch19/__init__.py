"""The exercises of chapter 19, one file each."""
