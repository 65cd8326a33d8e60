"""The study of a crossbar of a sheet: ``benchnn crossbar``."""
