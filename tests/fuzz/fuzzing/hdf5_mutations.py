"""Changes to HDF5 files: other types, shapes, values, links and attributes in a file that HDF5 itself can read."""

import io
import warnings
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

from fuzzing.byte_mutations import mutated
from fuzzing.dice import Dice
from fuzzing.hostile import TEXTS

TYPES = (
    *("<f8", ">f8", "<f4", "<f2", "<i8", ">i8", "<i4", "<i2", "i1", "<u8", ">u8", "<u4", "u1", "?", "<c16", "S5", "V3"),
)  # fmt: skip
SHAPES = ((), (0,), (1,), (3,), (0, 2), (2, 0), (5, 1), (1, 5), (2, 2, 2))
EXTREMES = (np.nan, np.inf, -np.inf, -1.0, 0.0, 0.05, 1e300, -1e300, 1e18, 2.0**53, 2.0**63, 2.0**64, 5e-324)
HUGE = ((2**40,), (2**31,), (2**62,), (2**20, 2**20), (10**8,))
LARGEST = 10**6
DAMAGED = 0.3
"""Share of the files of which bytes are changed, too, or only."""


def mutated_hdf5(content: bytes, dice: Dice) -> bytes:
    """The file after one to four changes, most often one."""
    if dice.chance(DAMAGED):
        return mutated(content, dice, text=False)
    image = io.BytesIO(content)
    with h5py.File(image, "r+") as file:
        _change(file, dice)
        while dice.chance(0.3):
            _change(file, dice)
    return mutated(image.getvalue(), dice, text=False) if dice.chance(0.1) else image.getvalue()


def _change(file: h5py.File, dice: Dice) -> None:
    names: list[str] = []
    file.visit(names.append)
    if not names:
        return
    name = dice.pick(names)
    found = file.get(name)
    if found is None:
        return
    if isinstance(found, h5py.Dataset) and (found.size or 0) > LARGEST:
        # An earlier change made it: its values are not read.
        _delete(file, name, dice)
    elif dice.chance(0.2):
        _change_attribute(dice.pick((found, file)), dice)
    elif isinstance(found, h5py.Dataset) and dice.chance(0.8):
        dice.pick(DATASET_CHANGES)(file, name, found, dice)
    else:
        dice.pick(LINK_CHANGES)(file, name, dice)


def _change_attribute(holder: Any, dice: Dice) -> None:
    names = list(holder.attrs)
    name = dice.pick(names) if names and dice.chance(0.9) else dice.pick(("units", "new", "sorting", "format"))
    what = dice.below(6)
    if what == 0:
        holder.attrs.pop(name, None)
    elif what == 1:
        holder.attrs[name] = dice.pick(EXTREMES)
    elif what == 2:
        holder.attrs[name] = np.full(dice.pick(SHAPES), dice.below(100), dtype=dice.pick(TYPES[:14]))
    elif what == 3:
        holder.attrs[name] = h5py.Empty(dice.pick(("f8", "S3", "i4")))
    elif what == 4:
        holder.attrs[name] = np.bytes_(dice.pick((b"\xff\xfe", b"ms", b"", b"s", b"nan", b"[" * 3000)))
    else:
        text = dice.pick(("ms", "[", '{"a": 1}', "1", *(text for text in TEXTS if "\0" not in text)))
        holder.attrs[name] = text


def _retype(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    _replace(file, name, np.zeros(found.shape or (), dtype=dice.pick(TYPES)))


def _cast(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            values = found[()].astype(dice.pick(TYPES))
        except (AttributeError, TypeError, ValueError):
            values = np.arange(3)
    _replace(file, name, values)


def _reshape(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    kind = found.dtype if found.dtype.kind in "iuf" else np.dtype("f8")
    _replace(file, name, np.ones(dice.pick(SHAPES), dtype=kind))


def _resize(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    if found.ndim and found.dtype.kind in "iuf":
        _replace(file, name, np.resize(found[()], (dice.below(2 * len(found) + 2), *found.shape[1:])))


def _extreme(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    if found.dtype.kind in "iuf" and found.size:
        values = np.atleast_1d(np.array(found[()]))
        place = tuple(dice.below(length) for length in values.shape)
        with np.errstate(all="ignore"):
            if values.dtype.kind == "f":
                values[place] = dice.pick(EXTREMES)
            else:
                limits = np.iinfo(values.dtype)
                values[place] = dice.pick((limits.max, limits.min, 0, 1, 100))
        _replace(file, name, values.reshape(found.shape))


def _empty(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    _replace(file, name, h5py.Empty("f8"))


def _huge(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    """Many values that take no space: chunks that were never written, or whose zeros were compressed."""
    kind = found.dtype if found.dtype.kind in "iuf" and dice.chance(0.8) else np.dtype("f8")
    del file[name]
    if dice.chance(0.8):
        shape = dice.pick(HUGE)
        packed = dice.pick((None, "gzip"))
        file.create_dataset(name, shape, kind, chunks=(4,) * len(shape), fillvalue=dice.below(3), compression=packed)
    else:
        file.create_dataset(name, data=np.zeros(dice.pick((10**5, 10**6)), kind), chunks=(10**5,), compression="gzip")


def _texts(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    del file[name]
    texts = [dice.pick(("ms", "E", "", "é", "1", "a" * 500)) for _ in range(dice.below(4))]
    file.create_dataset(name, data=np.array(texts, dtype=object), dtype=h5py.string_dtype())


def _compound(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    _replace(file, name, np.zeros(dice.pick(SHAPES), dtype=[("a", "<i4"), ("b", "<f8")]))


def _references(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    del file[name]
    dataset = file.create_dataset(name, (2,), dtype=dice.pick((h5py.ref_dtype, h5py.vlen_dtype(np.int32))))
    if dice.chance(0.5) and dataset.dtype.metadata and "ref" in dataset.dtype.metadata:
        dataset[0] = file.ref


def _outside(file: h5py.File, name: str, found: h5py.Dataset, dice: Dice) -> None:
    """Values that lie in another file."""
    del file[name]
    if dice.chance(0.5):
        file.create_dataset(name, (8,), "u1", external=[("/etc/hostname", 0, 8)])
    else:
        layout = h5py.VirtualLayout((4,), "f8")
        layout[:] = h5py.VirtualSource("/etc/hostname", "a", (4,))
        file.create_virtual_dataset(name, layout)


def _replace(file: h5py.File, name: str, values: Any) -> None:
    attributes = dict(file[name].attrs)
    del file[name]
    file.create_dataset(name, data=values).attrs.update(attributes)


def _delete(file: h5py.File, name: str, dice: Dice) -> None:
    del file[name]


def _rename(file: h5py.File, name: str, dice: Dice) -> None:
    new = f"{name}{dice.pick(('x', ' ', '.', '1', 'é'))}"
    if new not in file:
        file.move(name, new)


def _to_group(file: h5py.File, name: str, dice: Dice) -> None:
    del file[name]
    file.create_group(name)


def _to_dataset(file: h5py.File, name: str, dice: Dice) -> None:
    del file[name]
    file[name] = np.arange(dice.below(5))


def _link(file: h5py.File, name: str, dice: Dice) -> None:
    del file[name]
    target = dice.pick(("soft", "itself", "external", "parent"))
    if target == "soft":
        file[name] = h5py.SoftLink("/nowhere")
    elif target == "itself":
        file[name] = h5py.SoftLink(f"/{name}")
    elif target == "external":
        file[name] = h5py.ExternalLink("/etc/hostname", "/a")
    else:
        file[name] = file


def _add(file: h5py.File, name: str, dice: Dice) -> None:
    new = f"{name}_{dice.pick(('2', 'é', 'a' * 300))}"
    if new not in file:
        file[new] = np.arange(dice.below(5))


DATASET_CHANGES: tuple[Callable[[h5py.File, str, h5py.Dataset, Dice], None], ...] = (
    *(_retype, _cast, _cast, _reshape, _resize, _extreme, _extreme, _extreme, _empty, _huge, _texts, _compound),
    *(_references, _outside),
)  # fmt: skip
LINK_CHANGES: tuple[Callable[[h5py.File, str, Dice], None], ...] = (
    *(_delete, _rename, _to_group, _to_dataset, _link, _add),
)  # fmt: skip
