"""Display of descriptions and results: numbers, text in columns, HTML with escaping, and overviews."""
