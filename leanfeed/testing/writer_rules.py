"""The conformance kit for writers: one class to inherit, one method to override."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import partial
from itertools import count

import pytest
from hypothesis import given

from leanfeed.bars import Bars
from leanfeed.errors import WriteError
from leanfeed.testing.checking import property_settings
from leanfeed.testing.dying import can_die, dies_at
from leanfeed.testing.golden import GOLDEN
from leanfeed.testing.writer_questions import WriterQuestions, anything, delivery, files
from leanfeed.values import Delivery, Series, Written

__all__ = ["WriterConformance"]


class WriterConformance(WriterQuestions):
    """Tests that a writer keeps every rule of :class:`~leanfeed.LeanWriter`.

    Inherit it in a class whose name begins with ``Test``, and override :meth:`writer`; for files
    other than LEAN's :meth:`read` as well.
    """

    def test_w1_what_is_written_is_read(self) -> None:
        """W1. What was written is read again: every bar, to the last digit."""

        @property_settings(self.examples)
        @given(deliveries=anything(self.series()))
        def check(deliveries: list[Delivery]) -> None:
            with self.folder() as folder:
                self.write(folder, deliveries)
                for one in deliveries:
                    found = self.read_session(folder, one.series, one.session)
                    assert found == one.bars, (
                        f"{one.series} {one.session}: written were\n{_rows(one.bars)}\nand read\n"
                        f"{_rows(found)}"
                    )

        check()

    def test_w2_each_session_is_confirmed(self) -> None:
        """W2. Each session is confirmed once: its source, its request id, its number of bars."""
        for series in self.of_each_kind():
            deliveries = [delivery(series, day, seed=n) for n, day in enumerate(self.sessions())]
            with self.folder() as folder:
                confirmed = self.write(folder, deliveries)
            said = sorted((str(w.session), w.source, w.request_id, w.rows) for w in confirmed)
            assert said == [
                (str(d.session), d.source, d.request_id, len(d.bars)) for d in deliveries
            ]
            assert {written.series for written in confirmed} == {series}

    def test_w3_writing_twice_is_writing_once(self) -> None:
        """W3. Writing the same again changes no file."""
        for series in self.of_each_kind():
            deliveries = [delivery(series, day) for day in self.sessions()]
            with self.folder() as folder:
                self.write(folder, deliveries)
                once = files(folder)
                self.write(folder, deliveries)
                assert files(folder) == once, f"{series}: the second time changed a file."

    def test_w4_one_call_or_several(self) -> None:
        """W4. One call or several of the same writer, in any order: the same bars are on disk."""
        for series in self.of_each_kind():
            deliveries = [delivery(series, day) for day in self.sessions()[:2]]
            with self.folder() as folder, self.folder() as other:
                self.write(folder, deliveries)
                writer = self.writer()
                for one in reversed(deliveries):
                    list(writer.write([one], other))
                assert self.read(folder, series) == self.read(other, series), f"{series} differs."

    def test_w5_the_rest_is_kept(self) -> None:
        """W5. What stands beside a session that is written stays as it is."""
        first, *others = self.sessions()
        for series in self.of_each_kind():
            kept = [delivery(one, day) for one in self.of_each_kind() for day in others]
            with self.folder() as folder:
                self.write(folder, kept)
                self.write(folder, [delivery(series, first)])
                for one in kept:
                    found = self.read_session(folder, one.series, one.session)
                    assert found == one.bars, f"Writing {series} {first} changed {one.session}."

    def test_w6_new_bars_replace_old_ones(self) -> None:
        """W6. The new bars of a session replace all its old ones, also where they are fewer."""
        day = self.sessions()[0]
        for series in self.of_each_kind():
            new = delivery(series, day, seed=2, count=3)
            with self.folder() as folder:
                self.write(folder, [delivery(series, day, seed=1)])
                self.write(folder, [new])
                found = self.read_session(folder, series, day)
            assert found == new.bars, f"{series}: read were\n{_rows(found)}"

    def test_w7_no_trading_leaves_no_file(self) -> None:
        """W7. A session without bars is confirmed with 0 rows, and leaves no file."""
        day = self.sessions()[0]
        for series in self.of_each_kind():
            with self.folder() as folder:
                confirmed = self.write(folder, [delivery(series, day, count=0)])
                assert [written.rows for written in confirmed] == [0]
                assert files(folder) == {}, f"{series}: there was no trading, and a file is left."

    def test_w8_no_trading_removes_no_bars(self) -> None:
        """W8. A session without bars leaves those on disk, and is confirmed with them."""
        day = self.sessions()[0]
        for series in self.of_each_kind():
            old = delivery(series, day)
            with self.folder() as folder:
                self.write(folder, [old])
                confirmed = self.write(folder, [delivery(series, day, count=0)])
                assert self.read_session(folder, series, day) == old.bars, f"{series} lost bars."
                assert [written.rows for written in confirmed] == [len(old.bars)]

    def test_w9_what_is_confirmed_is_there(self) -> None:
        """W9. At the moment at which a session is confirmed, it is on disk."""
        for series in self.of_each_kind():
            deliveries = {day: delivery(series, day) for day in self.sessions()}
            with self.folder() as folder:
                for written in self.writer().write(deliveries.values(), folder):
                    found = self.read_session(folder, series, written.session)
                    expected = deliveries[written.session].bars
                    assert found == expected, f"{series} {written.session} is not there yet."

    def test_w10_killed_anywhere(self) -> None:
        """W10. Killed at any moment, a session on disk is the old one or the new one, whole."""
        if not can_die():
            pytest.skip("Not checked: this system cannot copy a process to kill it.")
        for series in self.of_each_kind():
            self._kill(series)

    def test_w11_disk_that_refuses(self) -> None:
        """W11. A disk that refuses is a `WriteError`, and what was confirmed before stands."""
        first, second = self.sessions()[:2]
        for series in self.of_each_kind():
            with self.folder() as folder:
                (folder / "a-file").write_bytes(b"")
                with pytest.raises(WriteError):
                    self.write(folder / "a-file" / "data", [delivery(series, first)])
                self.write(folder, [delivery(series, second)])
                assert len(self.read_session(folder, series, second))

    def test_w12_error_of_a_source_passes_through(self) -> None:
        """W12. An error among the deliveries comes out as it is; what was confirmed is on disk."""
        first, second = self.sessions()[:2]

        def failing(series: Series) -> Iterator[Delivery]:
            yield delivery(series, first)
            yield delivery(series, second)
            raise _Cut

        for series in self.of_each_kind():
            confirmed: list[Written] = []
            with self.folder() as folder:
                with pytest.raises(_Cut):
                    confirmed.extend(self.writer().write(failing(series), folder))
                for written in confirmed:
                    assert len(self.read_session(folder, series, written.session)) == written.rows

    def test_w13_damaged_file_is_in_nobodys_way(self) -> None:
        """W13. A file that cannot be read is replaced when its session is written."""
        day = self.sessions()[0]
        for series in self.of_each_kind():
            new = delivery(series, day, seed=1)
            with self.folder() as folder:
                self.write(folder, [delivery(series, day)])
                for path, data in files(folder).items():
                    (folder / path).write_bytes(data[: len(data) // 2])
                self.write(folder, [new])
                assert self.read_session(folder, series, day) == new.bars

    def test_w14_golden_lines_of_lean(self) -> None:
        """W14. LEAN's samples come out as LEAN has them: folder, zip, entry and every line."""
        if not self.writes_lean_files:
            pytest.skip("Not checked: `writes_lean_files` is False, and the files are others.")
        for golden in GOLDEN:
            with self.folder() as folder:
                self.write(folder, [golden.delivery])
                assert list(files(folder)) == [golden.path]
                with zipfile.ZipFile(folder / golden.path) as archive:
                    assert archive.namelist() == [golden.entry]
                    assert archive.read(golden.entry).decode() == golden.text

    def _kill(self, series: Series) -> None:
        """Kill it at each step of replacing one session and adding another one."""
        kept, replaced, added = self.sessions()[:3]
        old = [delivery(series, kept), delivery(series, replaced, seed=1)]
        new = [delivery(series, replaced, seed=2), delivery(series, added)]
        before = {one.session: one.bars for one in old}
        after = before | {one.session: one.bars for one in new}
        with self.folder() as folder:
            self.write(folder, old)
            for number in count(1):
                with self.copy_of(folder) as copy:
                    is_killed = dies_at(number, partial(self.write, copy, new))
                    for session, bars in after.items():
                        whole = (bars, before.get(session, Bars.empty()))
                        place = f"{series} {session}, killed before its file call {number}"
                        try:
                            found = self.read_session(copy, series, session)
                        except Exception as error:
                            raise AssertionError(f"{place}: it cannot be read: {error}") from error
                        assert found in whole, f"{place}: it is neither old nor new."
                    self.write(copy, new)
                    for session, bars in after.items():
                        assert self.read_session(copy, series, session) == bars
                if not is_killed:
                    assert number > 2, "It wrote without a call that Python sees: nothing is known."
                    return


class _Cut(Exception):  # noqa: N818  it stands for any error of a source
    """What a source raised."""


def _rows(bars: object) -> str:
    columns = getattr(bars, "columns", ())
    return "\n".join(map(str, zip(*(column.tolist() for column in columns), strict=True)))
