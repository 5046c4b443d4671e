"""A chart as SVG that screen readers can name."""

from html import escape

from server.console.charts.marks import Box, Chart, Line, Mark


def svg(chart: Chart, *, name: str, title: str, about: str) -> str:
    """Return the chart as an SVG element; the style sheet colours its tones.

    Parameters
    ----------
    chart
        What to draw.
    name
        Unlike that of any other chart of the page: letters, digits and hyphens.
    title, about
        What it is, and what it says, for those who do not see it.
    """
    return (
        f'<svg class="chart" viewBox="0 0 {chart.width:g} {chart.height:g}" role="img" '
        f'aria-labelledby="{name}-title {name}-about"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-about">{escape(about)}</desc>{"".join(map(_element, chart.marks))}</svg>'
    )


def _element(mark: Mark) -> str:
    if isinstance(mark, Box):
        return (
            f'<rect class="{mark.tone}" x="{mark.x:.1f}" y="{mark.y:.1f}" '
            f'width="{mark.width:.1f}" height="{mark.height:.1f}"/>'
        )
    if isinstance(mark, Line):
        (x1, y1), (x2, y2) = mark.start, mark.end
        return f'<path class="{mark.tone}" d="M{x1:.1f},{y1:.1f} L{x2:.1f},{y2:.1f}"/>'
    return (
        f'<text class="{mark.tone}" x="{mark.x:.1f}" y="{mark.y:.1f}" font-size="{mark.size:g}" '
        f'text-anchor="{mark.anchor}">{escape(mark.text)}</text>'
    )
