"""``benchnn many-core``: designs of many cores by throughput and utilisation, and the gain from sparse weights."""
