"""Structures of the kernels' C++ text: eight bytes for each member, an integer or an address."""

from dataclasses import fields

import numpy as np
import numpy.typing as npt


class Structure:
    """Base of dataclasses with the members of such a structure, in the same order; members may be structures."""

    def row(self) -> npt.NDArray[np.int64]:
        """The members in their order."""
        members = (getattr(self, entry.name) for entry in fields(self))  # type: ignore[arg-type]
        rows = [member.row() if isinstance(member, Structure) else [member] for member in members]
        joined: npt.NDArray[np.int64] = np.concatenate(rows).astype(np.int64)
        return joined
