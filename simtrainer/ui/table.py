"""A table that can be read in a terminal and pasted into a Markdown page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under a heading.

    Parameters
    ----------
    head
        Names of the columns.
    rows
        Cells, as many in each row as there are columns; the first column is read, the others are compared.
    notes
        Sentences below it.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Be sure that every row has its cells."""
        assert all(len(row) == len(self.head) for row in self.rows), self.title

    def text(self) -> str:
        """Return it for a terminal: the first column to the left, the others to the right."""
        widths = [max(len(row[i]) for row in (self.head, *self.rows)) for i in range(len(self.head))]
        lines = [self.title, *(_line(row, widths) for row in (self.head, *self.rows))]
        return "\n".join((*lines, *(f"  {note}" for note in self.notes)))

    def markdown(self) -> str:
        """Return it for a Markdown page."""
        return "\n".join(self._markdown())

    def _markdown(self) -> Iterator[str]:
        yield f"**{self.title}**\n"
        yield _bars(self.head)
        yield _bars(("---", *("---:" for _ in self.head[1:])))
        yield from (_bars(row) for row in self.rows)
        if self.notes:
            yield "\n" + " ".join(self.notes)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [f"{row[0]:<{widths[0]}}", *(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))]
    return ("  " + "  ".join(cells)).rstrip()


def _bars(row: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
