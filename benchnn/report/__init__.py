"""Reports: what a folder of results holds, as one HTML file that needs neither a network nor a program beside it.

``sources`` reads folders, ``sections`` and the modules named after its kinds say what is shown of them, ``page`` makes
the HTML. Figures have one module a topic, drawn by matplotlib with the settings in ``style``.
"""
