"""A column of files with edges, which gives each of them its weight or delay."""

from dataclasses import dataclass

from simcore.errors import keywords_known, number, require


@keywords_known
@dataclass(frozen=True)
class Column:
    """Weights or delays that stand in the files of `EdgeFiles`, or that `SurrogateConnectome` makes.

    Parameters
    ----------
    name
        Name of the column.
    scale
        Factor to the unit of the weight, or to ms: ``Column("delay_s", 1000.0)``.

    Raises
    ------
    InputError
        If the name is not a text, or the factor is not a number.
    """

    name: str
    scale: float = 1.0

    def __post_init__(self) -> None:
        require(isinstance(self.name, str) and self.name != "", "column.name", self.name, "use a column name")
        require(number(self.scale, "column.scale") != 0.0, "column.scale", self.scale, "must not be 0")

    def __str__(self) -> str:
        return f"column {self.name!r}" if self.scale == 1.0 else f"column {self.name!r} times {self.scale:g}"
