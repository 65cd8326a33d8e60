"""Print messages, help pages and documentation pages drawn at random, for a reader who reviews the language.

    python docs/sample_texts.py --seed 1

The same seed draws the same texts from the same sources. A message is shown as in the source, with the expressions that
it contains in braces.
"""

import argparse
import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchnn.cli import make_parser

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("simcore", "benchnn", "models")
FRAME = "{field} = {value} is not allowed: {allowed}"
"""Sentence of `simcore.errors.require`, whose arguments are a condition, a field, a value and this fragment."""


def main() -> None:
    """Print the sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=30)
    parser.add_argument("--help-pages", type=int, default=10)
    parser.add_argument("--pages", type=int, default=5)
    options = parser.parse_args()
    draw = np.random.default_rng(options.seed)
    sources = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    messages = sorted(message for path in sources for message in messages_of(path))
    print(f"# {options.messages} of {len(messages)} messages\n")
    for place, text in drawn(draw, messages, options.messages):
        print(f"{place}: {text}")
    commands = dict(parsers(make_parser()))
    print(f"\n# {options.help_pages} of {len(commands)} help pages")
    for name in drawn(draw, sorted(commands), options.help_pages):
        print(f"\n## {name}\n\n{commands[name].format_help()}")
    pages = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    print(f"\n# {options.pages} of {len(pages)} pages")
    for page in drawn(draw, pages, options.pages):
        print(f"\n## {page.relative_to(ROOT)}\n\n{page.read_text()}")


def drawn(draw: np.random.Generator, texts: Sequence[Any], n: int) -> list[Any]:
    """Draw `n` of the texts, or all of them if there are fewer, without repetition."""
    return [texts[k] for k in draw.permutation(len(texts))[:n]]


def parsers(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield the names and parsers of all commands of a parser that have no sub-commands."""
    below = [action.choices for action in parser._actions if isinstance(action.choices, dict)]
    if not below:
        yield parser.prog, parser
    for commands in below:
        for command in commands.values():
            yield from parsers(command)


def messages_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of the messages of a source: messages of errors and of `require`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "require" and len(node.args) == 4:
            field, value, allowed = (written(argument) for argument in node.args[1:])
            text = FRAME.format(field=field, value=value, allowed=allowed)
        elif re.fullmatch(r"[A-Z]\w*Error|warn", name) and node.args:
            text = written(node.args[0])
        else:
            continue
        if len(re.findall("[a-z]{2,}", re.sub(r"\{[^}]*\}", "", text))) > 2:
            yield f"{path.relative_to(ROOT)}:{node.lineno}", " ".join(text.split())


def written(node: ast.expr) -> str:
    """The text of a string, with its expressions in braces; any other expression in braces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(written(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return written(node.left) + written(node.right)
    return f"{{{ast.unparse(node)}}}"


if __name__ == "__main__":
    main()
