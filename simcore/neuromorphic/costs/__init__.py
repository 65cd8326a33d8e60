"""Time and energy on a chip that follow from its sheet and from what was counted."""
