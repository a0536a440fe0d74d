"""The coverage as a calendar on a terminal: one mark for each session, or for each month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from leanfeed.coverages.coverage import Coverage, SeriesCoverage
from leanfeed.coverages.states import State
from leanfeed.coverages.text import headline, label, odd_lines, other_lines, outcome

__all__ = ["MARKS", "lines", "show"]

#: A mark and a colour for each state; the marks alone tell them apart. The second mark is for
#: terminals that have no other than ASCII.
MARKS = {
    State.PRESENT: ("■", "#", "green"),
    State.NO_TRADES: ("·", ".", "cyan"),
    State.MISSING: ("×", "x", "bold red"),
    State.PROVISIONAL: ("◌", "~", "yellow"),
    State.DAMAGED: ("!", "!", "bold magenta"),
}
#: The worst first: what a mark for several sessions shows.
_WORST = (State.DAMAGED, State.MISSING, State.PROVISIONAL, State.NO_TRADES, State.PRESENT)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: What stands left of the marks.
_MARGIN = 8
#: More years than this, over all series, are shown by the month.
_MOST_YEARS = 12
#: So many series are shown when each has one line.
_MOST_SERIES = 40

#: The sessions of a series by their dates.
_Days = Mapping[dt.date, State]


def show(coverage: Coverage) -> None:
    """Print the calendar to standard output; colours as the terminal and ``NO_COLOR`` want it."""
    console = Console(highlight=False)
    for line in lines(coverage, width=console.width, encoding=console.encoding):
        console.print(line)


def lines(coverage: Coverage, *, width: int, encoding: str = "utf-8") -> Iterator[Text]:
    """The calendar, line by line; none is wider than `width` but sentences, which may wrap."""
    drawing = _Drawing(is_ascii=not _can(encoding), width=width)
    shown = [s for s in coverage.series if s.sessions]
    years = sum(s.sessions[-1].date.year - s.sessions[0].date.year + 1 for s in shown)
    yield drawing.said(headline(coverage), style="bold")
    yield Text()
    yield from drawing.calendars(shown) if years <= _MOST_YEARS else drawing.rows(shown)
    yield drawing.legend(coverage.counts)
    notes = [*other_lines(coverage), *(line for s in shown for line in odd_lines(s))]
    if notes:
        yield Text()
        yield from map(drawing.said, notes)


def _can(encoding: str) -> bool:
    try:
        "".join(mark for mark, _, _ in MARKS.values()).encode(encoding)
    except (LookupError, UnicodeError):
        return False
    return True


class _Drawing:
    """Marks in rows."""

    def __init__(self, *, is_ascii: bool, width: int) -> None:
        self._is_ascii = is_ascii
        self._width = width

    def said(self, sentence: str, style: str = "") -> Text:
        """A sentence, as the terminal can show it."""
        return Text(sentence.replace("…", "...") if self._is_ascii else sentence, style=style)

    def legend(self, counts: Mapping[State, int]) -> Text:
        """What the marks mean, of the states that occur."""
        text = Text()
        for state, count in counts.items():
            if count:
                text.append("  ").append(self._mark(state)).append(f" {state.words}")
        return text

    def calendars(self, shown: Iterable[SeriesCoverage]) -> Iterator[Text]:
        """Each series year by year, a column for each week, a row for each weekday."""
        for s in shown:
            yield Text(label(s.series), style="bold")
            yield self.said(f"  {outcome(s)}")
            states = {x.date: r.state for x, r in zip(s.sessions, s.reasons, strict=True)}
            for _, dates in groupby(states, key=lambda date: date.year):
                yield from self._year({date: states[date] for date in dates})
            yield Text()

    def _year(self, days: _Days) -> Iterator[Text]:
        first, last = _monday(min(days)), _monday(max(days))
        mondays = [first + dt.timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
        weekdays = range(7 if any(day.weekday() > 4 for day in days) else 5)
        step = 2 if _MARGIN + 2 * len(mondays) <= self._width else 1
        yield Text(f"  {min(days).year}  {_months(mondays, days, step)}", style="dim")
        for weekday in weekdays:
            row = Text(f"   {_WEEKDAYS[weekday]}  ")
            for monday in mondays:
                row.append(self._mark(days.get(monday + dt.timedelta(days=weekday))))
                row.append(" " * (step - 1))
            row.rstrip()
            yield row

    def rows(self, shown: Sequence[SeriesCoverage]) -> Iterator[Text]:
        """Each series in one row, a mark for a month, a quarter or a year: its worst session."""
        names = {s.series: label(s.series) for s in shown}
        left = max(map(len, names.values()))
        room = max(self._width - left - 15, 12)
        first = min(s.sessions[0].date for s in shown)
        last = max(s.sessions[-1].date for s in shown)
        months = next(m for m in (1, 3, 12, 120) if _period(last, m) - _period(first, m) < room)
        periods = range(_period(first, months), _period(last, months) + 1)
        yield Text(f"  {'':{left}}  {_years(periods, months)}", style="dim")
        worst = sorted(shown, key=lambda s: 100.0 if s.percent is None else s.percent)
        for s in worst[:_MOST_SERIES]:
            found = _by_period(s, months)
            row = Text(f"  {names[s.series]:{left}}  ")
            for period in periods:
                row.append(self._mark(found.get(period)))
            row.append(_share(s))
            yield row
        if len(shown) > _MOST_SERIES:
            rest = worst[_MOST_SERIES:]
            least = min((s.percent for s in rest if s.percent is not None), default=100.0)
            yield Text(f"  and {len(rest)} more series, each at least {_floor(least)} there")
        yield Text()

    def _mark(self, state: State | None) -> Text:
        if state is None:
            return Text(" ")
        mark, plain, style = MARKS[state]
        return Text(plain if self._is_ascii else mark, style=style)


def _share(s: SeriesCoverage) -> str:
    return "" if s.percent is None else f"  {_floor(s.percent):>8}"


def _floor(share: float) -> str:
    from leanfeed.wording import percent

    return percent(share)


def _monday(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=date.weekday())


def _months(mondays: Sequence[dt.date], days: _Days, step: int) -> str:
    """The names of the months, each above the week with its first session."""
    names = [" "] * (step * len(mondays) + 3)
    free = 0
    for _, dates in groupby(sorted(days), key=lambda date: date.month):
        date = next(dates)
        column = (_monday(date) - mondays[0]).days // 7 * step
        if column >= free:
            names[column : column + 3] = f"{date:%b}"
            free = column + 4
    return "".join(names).rstrip()


def _period(date: dt.date, months: int) -> int:
    return (date.year * 12 + date.month - 1) // months


def _by_period(s: SeriesCoverage, months: int) -> dict[int, State]:
    found: dict[int, State] = {}
    for session, reason in zip(s.sessions, s.reasons, strict=True):
        period = _period(session.date, months)
        before = found.get(period, reason.state)
        found[period] = min(before, reason.state, key=_WORST.index)
    return found


def _years(periods: range, months: int) -> str:
    """The years, each above its first mark, where there is room for it."""
    names = [" "] * (len(periods) + 4)
    free = 0
    for column, period in enumerate(periods):
        year, month = divmod(period * months, 12)
        if month == 0 and column >= free:
            names[column : column + 4] = f"{year}"
            free = column + 5
    return "".join(names).rstrip()
