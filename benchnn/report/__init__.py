"""Reports: the results in one or several folders as a single HTML file, which loads nothing from elsewhere.

``sources`` reads folders, the modules named after its kinds choose what a page shows of them, and ``page`` writes
the HTML. Each topic has one module of figures, which matplotlib draws with the settings in ``style``.
"""
