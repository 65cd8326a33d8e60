"""Small snnTorch networks, and what the package neurobench counts of them.

Run where torch, snntorch and neurobench are installed, this prints the numbers that test_neurobench.py keeps.
"""

import numpy as np

SIZES, SAMPLES, STEPS, BETA = (12, 9, 4), 6, 8, 0.5


def weights():
    """Both matrices, (targets, sources), and a bias of the hidden layer; multiples of 2**-8, a third of each is 0."""
    chance = np.random.default_rng(5)
    spans = {(9, 12): (-40, 74), (4, 9): (-20, 140)}
    made = [chance.integers(*span, shape) * (chance.integers(0, 3, shape) > 0) for shape, span in spans.items()]
    bias = chance.integers(-40, 80, 9)
    return *(one.astype(np.float32) / np.float32(256.0) for one in made), bias.astype(np.float32) / np.float32(256.0)


def filters():
    """Two filters of 3 x 3, (2, 1, 3, 3), and a matrix (4, 8), in multiples of 2**-8; some are 0."""
    chance = np.random.default_rng(8)
    spans = {(2, 1, 3, 3): (30, 80), (4, 8): (-40, 100)}
    made = [chance.integers(*span, shape) * (chance.integers(0, 4, shape) > 0) for shape, span in spans.items()]
    return [one.astype(np.float32) / np.float32(256.0) for one in made]


def values(coding):
    """Events (samples, steps, inputs), or intensities (samples, inputs), of which the first are zeros and ones."""
    chance = np.random.default_rng(6)
    if coding == "convolution":
        return (chance.integers(0, 2, (SAMPLES, STEPS, 1, 4, 4)) == 0).astype(np.float32)
    if coding == "events":
        return (chance.integers(0, 2, (SAMPLES, STEPS, SIZES[0])) == 0).astype(np.float32)
    found = chance.integers(0, 17, (SAMPLES, SIZES[0])) * (chance.integers(0, 3, (SAMPLES, SIZES[0])) > 0)
    found[0] = 16 * (found[0] > 0)
    return found.astype(np.float32) / np.float32(16.0)


def _neurons(**more):
    import snntorch

    return snntorch.Leaky(BETA, threshold=1.0, reset_mechanism="subtract", reset_delay=False, init_hidden=True, **more)


def _dense(biased):
    import torch
    from torch.nn import Linear, Sequential

    first, second, bias = (torch.from_numpy(one) for one in weights())
    shape = SIZES[:2], SIZES[1:]
    net = Sequential(Linear(*shape[0], bias=biased), _neurons(), Linear(*shape[1], bias=False), _neurons(output=True))
    net[0].weight.data, net[2].weight.data = first, second
    if biased:
        net[0].bias.data = bias
    return net


def _convolution():
    """The pool sums the spikes of four neurons."""
    import torch
    from torch.nn import AvgPool2d, Conv2d, Flatten, Linear, Sequential

    pool = AvgPool2d(2, divisor_override=1), Flatten()
    conv, matrix = Conv2d(1, 2, 3, padding=1, bias=False), Linear(8, 4, bias=False)
    conv.weight.data, matrix.weight.data = (torch.from_numpy(one) for one in filters())
    return Sequential(conv, _neurons(), *pool, matrix, _neurons(output=True))


def counted(coding):
    """Metrics by the package: a dense network, without biases for events, with one for intensities; a convolution."""
    import torch
    from neurobench.metrics.static import ConnectionSparsity, Footprint, ParameterCount
    from neurobench.metrics.workload import ActivationSparsity, MembraneUpdates, SynapticOperations
    from neurobench.models import SNNTorchModel

    net = _convolution() if coding == "convolution" else _dense(coding == "direct")
    model = SNNTorchModel(net)
    static = {one.__name__: one()(model) for one in (Footprint, ParameterCount, ConnectionSparsity)}
    model.register_hooks()
    operations, updates = SynapticOperations(), MembraneUpdates()
    spikes = nonzero = elements = 0
    data = torch.from_numpy(values(coding))
    # Whether the operations of a call are accumulations is decided by its batch: here each has one sample.
    for sample in data.split(1):
        given = sample[:, None, :].expand(-1, STEPS, -1) if coding == "direct" else sample
        with torch.no_grad():
            answered = model(given)
        operations(model, answered, (sample, None))
        updates(model, answered, (sample, None))
        # Above the threshold after a reset, snnTorch's neuron resets in the next step without a spike.
        potentials = [one for hook in model.activation_hooks for one in hook.post_fire_mem_potential]
        assert max(float(one.max()) for one in potentials) <= 1.0
        outputs = [one for hook in model.activation_hooks for one in hook.activation_outputs]
        silent = ActivationSparsity()(model, answered, (sample, None))
        size = sum(one.numel() for one in outputs)
        nonzero, elements = nonzero + round((1.0 - silent) * size), elements + size
        spikes += int(answered.sum())
        model.reset_hooks()
    return {
        "Footprint": static["Footprint"],
        "ParameterCount": static["ParameterCount"],
        "ConnectionSparsity": static["ConnectionSparsity"],
        "MAC": operations.MAC,
        "AC": operations.AC,
        "total_synops": operations.total_synops,
        "membrane_updates": sum(updates.neuron_membrane_updates.values()),
        "nonzero": nonzero,
        "elements": elements,
        "output_spikes": spikes,
    }


if __name__ == "__main__":
    print({coding: counted(coding) for coding in ("events", "direct", "convolution")})
