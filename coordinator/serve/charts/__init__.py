"""Where things stand on a page: axes, intervals, maps. Numbers in, SVG coordinates out."""
