"""How descriptions and results are shown: numbers, text in columns, HTML that escapes, one screen of both."""
