"""Made-up nodes: file trees with counters, as the kernel shows them."""

import pytest


class Node:
    """A file tree that looks like a node's; energies in J."""

    def __init__(self, root):
        self.root = root

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
        return file

    def zone(self, folder, name, energy_j, range_j=262_143.328):
        """A zone of powercap, such as ``intel-rapl:0``."""
        path = f"sys/class/powercap/{folder}"
        self.write(f"{path}/name", name)
        self.write(f"{path}/max_energy_range_uj", round(range_j * 1e6))
        return self.write(f"{path}/energy_uj", round(energy_j * 1e6))

    def unreadable_zone(self, folder, name):
        """Stands for one that only root may read: not even root can read a folder."""
        self.zone(folder, name, 0.0).unlink()
        (self.root / f"sys/class/powercap/{folder}/energy_uj").mkdir()


@pytest.fixture
def node(tmp_path):
    return Node(tmp_path / "node")


@pytest.fixture
def here(node, monkeypatch):
    """The same, found by a run as its system."""
    monkeypatch.setenv("BENCHNN_SYSTEM_ROOT", str(node.root))
    return node
