"""The JSON documents of a configuration, which refer to each other, and the variables of their manifests."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchnn.networks.sonata.json_file import Section, read_json
from simcore.errors import InputError, printable, suggestion

VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
LINKS = ("network", "simulation")
READ = (
    *("manifest", "network", "simulation", "networks", "components", "target_simulator", "run", "conditions"),
    *("inputs", "reports", "node_sets_file"),
)
UNUSED = ("output", "target_simulator_version", "version", "metadata")
"""Sections of the specification that do not change any spike."""
SIMULATOR = "NEST"


@dataclass(frozen=True)
class Document:
    """A JSON file and its variables.

    Parameters
    ----------
    section
        Its content.
    variables
        Variables of its manifest, without the dollar sign.
    """

    section: Section
    variables: Mapping[str, str]

    @property
    def file(self) -> Path:
        """The file."""
        return self.section.file

    def path(self, within: Section, key: str) -> Path:
        """The path that a key of this document gives; a relative path starts at the folder of the document.

        Raises
        ------
        InputError
            If it is not a text, or has a variable that the manifest does not define.
        """
        text = within.text(key)
        for _ in range(len(self.variables) + 1):
            if VARIABLE.search(text) is None:
                break
            text = VARIABLE.sub(lambda found: self._value(found[1] or found[2], within, key), text)
        else:
            within.refuse(key, "a variable of the manifest refers to itself")
        if "\0" in text:
            within.refuse(key, "not a valid file name")
        return self.file.parent / text

    def _value(self, name: str, within: Section, key: str) -> str:
        if name not in self.variables:
            known = ", ".join(f"${one}" for one in self.variables) or "none"
            within.refuse(key, f"${name} is not a variable of the manifest, which has {known}")
        return self.variables[name]


@dataclass(frozen=True)
class Documents:
    """All documents of a configuration, in the order of reading, and the one with the circuit."""

    all: tuple[Document, ...]
    circuit: Document

    def find(self, key: str) -> tuple[Document, Section] | None:
        """The document that has a section, and the content of the document; None if no document has it.

        Raises
        ------
        InputError
            If two documents have it.
        """
        having = [document for document in self.all if key in document.section]
        if len(having) > 1:
            raise InputError(printable(f"{having[1].file}: {key} is also in {having[0].file}; give it only once"), key)
        return (having[0], having[0].section) if having else None


def read_documents(path: Path) -> Documents:
    """Read the configuration of a circuit, of a simulation, or of both, and the documents that it refers to.

    Raises
    ------
    InputError
        If a file cannot be read or is for another simulator, or there are two circuits.
    """
    first = _document(path)
    found = [first]
    for document in found:
        for link in LINKS:
            if link not in document.section:
                continue
            linked = document.path(document.section, link)
            if linked.resolve() not in [known.file.resolve() for known in found]:
                found.append(_document(linked))
    circuits = [document for document in found if "networks" in document.section]
    if not circuits:
        raise InputError(printable(f"{path} is not the configuration of a SONATA network: it has no networks"))
    if len(circuits) > 1:
        raise InputError(printable(f"{path} refers to two circuits: {circuits[0].file} and {circuits[1].file}"))
    return Documents(tuple(found), circuits[0])


def _document(path: Path) -> Document:
    section = read_json(path)
    for key in section.values:
        near = suggestion(key, (*READ, *UNUSED)) if key not in (*READ, *UNUSED) else ""
        if near:
            # The format allows sections of other programs.
            section.refuse(key, f"unknown key{near}")
    if "target_simulator" in section and section.text("target_simulator").upper() != SIMULATOR:
        section.refuse("target_simulator", f"only {SIMULATOR} is supported")
    manifest = section.section("manifest")
    variables = {key.lstrip("$").strip("{}"): manifest.text(key) for key in manifest.values}
    return Document(section, {"configdir": ".", "workingdir": str(Path.cwd()), **variables})


def foreign_sections(documents: Documents) -> list[str]:
    """Sections of other programs, each as FILE: NAME."""
    return [
        f"{document.file.name}: {key}"
        for document in documents.all
        for key in document.section.values
        if key not in (*READ, *UNUSED)
    ]
