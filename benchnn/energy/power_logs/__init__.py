"""Power logs as meters and programs write them: lines, headings, columns, numbers and times."""
