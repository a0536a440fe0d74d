"""What a report says, in words and in JSON."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from leanfeed.audits.audit import audit
from leanfeed.audits.report import AuditReport
from leanfeed.errors import DamagedFileError, InvalidRequestError
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Kind
from tests.audit.files import DAY, MINUTE, MINUTE_PATH, put_bytes, put_sound

FINDINGS = tuple(AuditFinding(Kind.GAP, f"daily/{i}.zip", "x") for i in range(9))


def test_in_words(tmp_path: Path) -> None:
    put_sound(tmp_path)
    put_bytes(tmp_path, MINUTE_PATH, b"")
    first, kind, line, last = str(audit(data_folder=tmp_path)).splitlines()
    assert first == f"{tmp_path}: 1 damaged, 0 suspicious"
    assert kind.startswith("  damaged: unreadable (1). ")
    assert line == f"    {MINUTE_PATH}: it is not a sound zip (File is not a zip file)"
    assert last.startswith("  4 files, 3 sessions, 15 bars, ")
    assert last.endswith("; 75.0 % of the sessions there")


def test_nothing_found(tmp_path: Path) -> None:
    assert str(AuditReport(tmp_path)).startswith(f"{tmp_path}: sound\n  0 files")


def test_many_of_a_kind_are_counted(tmp_path: Path) -> None:
    lines = str(AuditReport(tmp_path, FINDINGS)).splitlines()
    assert lines[1].startswith("  information: gap (9). ")
    assert lines[8] == "    and 3 more"


def test_as_json(tmp_path: Path) -> None:
    put_sound(tmp_path)
    put_bytes(tmp_path, MINUTE_PATH, b"")
    told = json.loads(audit(data_folder=tmp_path).to_json())
    assert told["ok"] is False
    assert told["counts"] == {"damaged": 1, "suspicious": 0, "information": 0}
    assert told["findings"] == [
        {
            "severity": "damaged",
            "kind": "unreadable",
            "path": MINUTE_PATH,
            "text": "it is not a sound zip (File is not a zip file)",
            "advice": "Run `leanfeed repair`.",
            "symbol": "SPY",
            "security_type": "equity",
            "market": "usa",
            "resolution": "minute",
            "tick_type": "trade",
            "dates": ["2024-01-03"],
        }
    ]


def test_raise_for_damage(tmp_path: Path) -> None:
    AuditReport(tmp_path, FINDINGS).raise_for_damage()
    damage = AuditFinding(Kind.EMPTY, MINUTE_PATH, "it has no rows", MINUTE, (DAY,))
    with pytest.raises(DamagedFileError, match=r"(?s)20240103_trade.zip.*leanfeed repair"):
        AuditReport(tmp_path, (*FINDINGS, damage)).raise_for_damage()


@pytest.mark.parametrize(
    "asked",
    [
        {"symbols": "S:PY"},
        {"symbols": []},
        {"resolution": "weekly"},
        {"start": "yesterday"},
        {"start": "2024-01-03", "end": "2024-01-02"},
        {"end": "2999-01-01"},
    ],
)
def test_what_is_asked_is_checked(asked: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError):
        audit(data_folder=tmp_path, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "share"),
    [
        ("2024-01-09T00:30", 100.0),  # Monday the 8th is not over in New York
        ("2024-01-09T11:59", 100.0),
        ("2024-01-09T12:00", 80.0),
        ("2024-01-10T12:00", 100 * 4 / 6),
    ],
)
def test_a_day_counts_when_it_is_over_everywhere(
    now: str, share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_sound(tmp_path)  # from Tuesday the 2nd to Friday the 5th
    instant = dt.datetime.fromisoformat(f"{now}+00:00")
    monkeypatch.setattr("leanfeed.clock.now", lambda: instant)
    asked = {"resolution": "minute", "start": "2024-01-02", "end": "2024-01-09"}
    report = audit("SPY", data_folder=tmp_path, **asked)
    assert report.coverage == pytest.approx(share)
