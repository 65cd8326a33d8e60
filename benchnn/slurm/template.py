"""Fills the places of a job template: ``{{name}}``, each name known, each place filled, nothing evaluated."""

import re
from collections.abc import Mapping
from pathlib import Path

from simcore.errors import InputError

TEMPLATE = Path(__file__).with_name("job.sh")
PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def filled(template: str, values: Mapping[str, str], name: str = TEMPLATE.name) -> str:
    """The template with its places filled; what a value holds is not looked at again.

    Parameters
    ----------
    template
        Text with places such as ``{{out}}``.
    values
        Name -> text, quoted for where it stands.
    name
        What the template is called, for messages.

    Raises
    ------
    InputError
        If the template has a place that has no value, or none for a value.
    """
    places = set(PLACE.findall(template))
    known = ", ".join(sorted(values))
    if places - set(values):
        unknown = sorted(places - set(values))[0]
        raise InputError(f"template {name}: {{{{{unknown}}}}} is not known: its places are {known}")
    if set(values) - places:
        missing = sorted(set(values) - places)[0]
        raise InputError(f"template {name}: {{{{{missing}}}}} is missing: its places are {known}")
    return PLACE.sub(lambda match: values[match[1]], template)


def read_template(path: str | None) -> str:
    """Text of a template of the user's own, or of ours.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        return TEMPLATE.read_text(encoding="utf-8") if path is None else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"cannot read --template {path}: {why}") from error
