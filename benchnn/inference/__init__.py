"""What trained networks find in samples, and how many steps it takes them."""
