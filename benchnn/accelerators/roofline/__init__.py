"""``benchnn roofline``: machines and points, the record and its table."""
