"""A page names the plug-ins with which a result was made."""

from pathlib import Path

from benchnn.record.reading import Record
from benchnn.report.section import origin_chapter


def test_plug_ins_are_shown_with_their_distribution_and_sources():
    plug_ins = [
        {"kind": "mapper", "name": "mine.py:deal", "distribution": None, "version": None, "source_sha256": "ab" * 32},
        {"kind": "meter", "name": "board", "distribution": "<b>", "version": "1.0", "source_sha256": "cd" * 32},
    ]
    text = str(origin_chapter(Record({"plug_ins": plug_ins}, Path("result.json"))))
    assert f"mapper mine.py:deal from a file, digest of its sources {'ab' * 32}" in text
    assert f"meter board from &lt;b&gt; 1.0, digest of its sources {'cd' * 32}" in text
    assert "plug-in" not in str(origin_chapter(Record({"plug_ins": []}, Path("result.json"))))
