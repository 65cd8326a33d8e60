"""Checkpoints: the file from which a run resumes, and the snapshots of ranks that it is made of."""

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
