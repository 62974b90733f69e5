"""The exercises of chapter 02, one file each."""
