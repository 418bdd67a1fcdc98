"""The course of one relationship as an accessible SVG, and the table that says the same.

One renderer for the site's page, a printed page and a notebook. No inline style and no script: classes for
the site's style sheet, presentation attributes for everywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence

from accord.figures import svg
from accord.figures.lanes import Lane, draw_lanes, merged_rows, shared_axis
from accord.figures.mark_lane import Mark, MarkLane
from accord.figures.ratings_lane import RatingsLane
from accord.figures.series import Row, Timeline
from accord.figures.spark import spark
from accord.words.context import Translate

STANDALONE = """
text{font-family:system-ui,sans-serif;font-variant-numeric:tabular-nums}
.point:focus,.mark:focus{outline:none}
.point:focus .halo,.mark:focus .halo{stroke:#1F6F6B;stroke-width:2}
.point:hover .readout,.point:focus .readout,.mark:hover .readout,.mark:focus .readout{visibility:visible}
"""


__all__ = ["Mark", "MarkLane", "Row", "Timeline", "spark", "table_rows", "timeline"]


def timeline(
    series: Timeline, translate: Translate = str, *, lanes: Sequence[Lane] = (), standalone: bool = False
) -> str:
    """The figure as one `<svg>`: the ratings, and below them the other `lanes` from top to bottom.

    `standalone` adds namespace, title, paper and own style for notebooks.
    """
    every: list[Lane] = [RatingsLane(titled=standalone), *lanes]
    axis = shared_axis(series, every, translate)
    drawn, height = draw_lanes(every, axis)
    parts = [*_standalone(axis.width, height), *drawn] if standalone else drawn
    return svg.element(
        "svg", *parts, class_="timeline", role="group", aria_label=series.title,
        viewBox=f"0 0 {svg.number(axis.width)} {svg.number(height)}", width=axis.width, height=height,
        xmlns="http://www.w3.org/2000/svg" if standalone else None,
    )  # fmt: skip


def table_rows(
    series: Timeline, translate: Translate = str, *, lanes: Sequence[Lane] = ()
) -> tuple[Row, ...]:
    """The same course and lanes as a table, oldest first."""
    others = [row for lane in lanes for row in lane.table_rows(series, translate)]
    return merged_rows(RatingsLane().table_rows(series, translate), others)


def _standalone(width: float, height: float) -> list[str]:
    paper = svg.element("rect", width=width, height=height, fill=svg.PAPER)
    return [f"<style>{STANDALONE}</style>", paper]
