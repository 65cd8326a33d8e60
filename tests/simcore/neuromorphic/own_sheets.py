"""Sheets of a user: a text, changed and read."""


def written_sheet(folder, text, load, changes):
    """Write a sheet, changed by (old, new) pairs, as ``mine.toml``, and load it."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "mine.toml").write_text(text)
    return load(folder / "mine.toml")
