"""Networks from files of other programs."""
