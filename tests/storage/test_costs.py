"""What it costs to store a session, in calls of the system: counted, because times are noisy."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from leanfeed import clock
from leanfeed.default_plugins import zip_files
from leanfeed.ledger import Ledger
from leanfeed.values import Hours
from tests.storage.build_zips import delivery, write
from tests.storage.failing_calls import failing_calls


def calls(folder: Path, count: int, durability: str = "full") -> Counter[str]:
    """The calls by which so many sessions are stored in a folder that holds another one."""
    write(folder, delivery(20))
    deliveries = [delivery(number) for number in range(count)]
    with failing_calls(folder, number=0, error=0) as counted:
        assert len(write(folder, *deliveries, durability=durability)) == count
    return Counter(counted.names)


@pytest.mark.parametrize("durability", ["full", "fast"])
def test_each_further_session_costs_the_same_few_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durability: str
) -> None:
    monkeypatch.setattr(zip_files, "WRITERS", 1)  # two might look at a new folder at a time
    monkeypatch.setenv("LEANFEED_KERNEL", "off")  # its own calls are seen below
    few, many = (calls(tmp_path / f"{n}", n, durability) for n in (7, 17))
    many.subtract(few)
    each = Counter(lstat=2, open=1, write=1, read=1, close=1, replace=1, stat=1)
    if durability == "full":
        each += Counter(open=1, fsync=2)  # of the file, and of its folder
    assert {name: count / 10 for name, count in many.items() if count} == dict(each)


def test_the_ledger_looks_at_no_file_that_was_just_written(tmp_path: Path) -> None:
    confirmed = write(tmp_path, *(delivery(number) for number in range(3)))
    with Ledger(tmp_path) as ledger:
        with failing_calls(tmp_path, number=0, error=0) as counted:
            for written in confirmed:
                ledger.record(written, hours=Hours.EXTENDED, at=clock.now())
        assert counted.names == []
    with Ledger(tmp_path) as ledger:
        entries = ledger.entries(confirmed[0].series)
    for written in confirmed:
        entry = entries[written.session.date]
        assert written.crc
        assert (entry.size, entry.crc) == ((tmp_path / written.path).stat().st_size, written.crc)
