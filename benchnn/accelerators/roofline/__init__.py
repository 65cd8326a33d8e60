"""``benchnn roofline``: what is set under the roofs of machines, the record and its table."""
