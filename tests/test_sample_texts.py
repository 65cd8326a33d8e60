"""The sample of messages, help pages and documentation pages for a reader who reviews the language."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "docs" / "sample_texts.py"


def sample(seed):
    command = [sys.executable, SCRIPT, "--seed", str(seed), "--messages", "4", "--help-pages", "1", "--pages", "1"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_seed_draws_the_same_texts_and_another_seed_others():
    first, again, other = sample(1), sample(1), sample(2)
    assert first == again != other
    messages = first.partition("help pages")[0].splitlines()[2:6]
    assert all(".py:" in message for message in messages)
    assert first.count("usage: benchnn ") == 1
    assert first.count(".md\n") == 1
