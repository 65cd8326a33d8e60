"""One population of neurons with edges from files, such as a connectome, and independent Poisson input."""

from simcore.network import Column, EdgeFiles, Network, Poisson, Population, Projection


def edges(
    file: str,
    neurons: int,
    model: str = "iaf_psc_exp",
    source: str = "source",
    target: str = "target",
    weight: float | str = "weight",
    weight_scale: float = 1.0,
    delay_ms: float | str = "delay_ms",
    delay_scale: float = 1.0,
    unique: bool = False,
    rate_hz: float = 0.0,
    rate_weight: float = 100.0,
    rate_delay_ms: float = 1.5,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe neurons of one model with edges from files.

    Parameters
    ----------
    file
        File with one edge per row, or several files separated by commas: .npz, .csv, .csv.gz, .h5 or .parquet.
    neurons
        Number of neurons; ids in the file are 0 to this number minus 1.
    model
        Neuron model.
    source
        Column with the id of the sending neuron.
    target
        Column with the id of the receiving neuron.
    weight
        Column with the weights, or one weight for all edges, in the unit of the neuron model.
    weight_scale
        Factor from the column's values to weights.
    delay_ms
        Column with the delays, or one delay for all edges, ms.
    delay_scale
        Factor from the column's values to ms.
    unique
        Refuse several edges between the same two neurons.
    rate_hz
        Rate of the Poisson input of each neuron, 1/s; 0 for none.
    rate_weight
        Weight of that input, in the unit of the neuron model.
    rate_delay_ms
        Delay of that input, ms.
    resolution_ms
        Time step, ms.
    """
    rule = EdgeFiles([name.strip() for name in file.split(",")], source, target, unique=unique)
    weights, delays = (
        Column(value, scale) if isinstance(value, str) else value * scale
        for value, scale in ((weight, weight_scale), (delay_ms, delay_scale))
    )
    drives = [Poisson("N", rate_hz, rate_weight, rate_delay_ms)] if rate_hz else []
    return Network(
        [Population("N", neurons, model)],
        [Projection("N", "N", rule, weights, delays)],
        drives,
        resolution_ms=resolution_ms,
    )
