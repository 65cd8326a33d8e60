"""What bounds the steps of finished runs on a chip: ``benchnn floorline``."""
