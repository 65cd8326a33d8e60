"""The figures of reports, one module a topic; each yields `benchnn.report.picture.Picture`."""
