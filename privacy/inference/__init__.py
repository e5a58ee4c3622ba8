"""From a noisy number to a figure: errors, intervals, quality bands."""
