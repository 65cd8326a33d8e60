"""Checkpoints: files from which runs resume, and the snapshots of ranks in them."""

from simcore.checkpoint.file import (
    CHECKPOINTS,
    Checkpoint,
    latest_checkpoint,
    read_checkpoint,
    remove_later,
    require_same,
    write_checkpoint,
)

__all__ = [
    "CHECKPOINTS",
    "Checkpoint",
    "latest_checkpoint",
    "read_checkpoint",
    "remove_later",
    "require_same",
    "write_checkpoint",
]
