"""What a correction costs, beside what one would do without this library.

``python -m benchmarks`` runs the scenarios of :mod:`benchmarks.scenarios`, prints medians, spreads
and ratios, and writes one JSON file for each; ``python -m benchmarks.report`` makes the table and
the plot of docs/performance.md from these files.
"""
