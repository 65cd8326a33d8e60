"""The figures of reports, one module for each topic; all functions return `benchnn.report.picture.Picture`."""
