"""Messages of a running network on a chip, counted step by step."""
