"""Charts as a few rectangles, lines and words, drawn on screens as SVG and on paper as PDF."""
