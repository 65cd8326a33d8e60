"""Time and energy on a chip, from its sheet and from counted events."""
