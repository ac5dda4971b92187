"""The three colours of the book, the same everywhere: Wong's palette, safe for all eyes.

They need nothing, so that pages, figures, the audit and the labs' meter can all take them.
"""

#: The CPU at work, waiting, and what is paid for while no request is there.
CPU, WAITING, IDLE = "#009E73", "#E69F00", "#999999"
