"""Symbols from words, files and pipes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from leanfeed.cli import cli
from leanfeed.cli.symbol_lists import symbols_in
from tests.cli.fake_pipeline import FakePipeline

Run = Callable[..., Result]

ASKED = ("--resolution", "minute", "--start", "2024-01-02")


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("SPY\nAAPL\n", "SPY AAPL"),
        ("\ufeffSPY\r\n\r\n  AAPL  \r\n", "SPY AAPL"),
        ("# mine\nSPY  # the index\n\n#AAPL\nMSFT", "SPY MSFT"),
        ("SPY, AAPL,MSFT,\nGOOG IBM\n", "SPY AAPL MSFT GOOG IBM"),
        ("spy,aapl\nmsft,goog", "spy aapl msft goog"),
        ("SPY,AAMpA,BRK.B", "SPY AAMpA BRK.B"),
        ("Symbol,Name\nSPY,SPDR\nAAPL,APPLE\n", "SPY AAPL"),
        ("# exported\nTicker;Weight\nSPY;0.5\n", "SPY"),
        ('SPY,"SPDR, the first"\nAAPL,Apple Inc.\n', "SPY AAPL"),
        ("SPY,0.5\nAAPL,0.25\n", "SPY AAPL"),
        ("SPY\tSPDR S&P 500\nAAPL\tApple\n", "SPY AAPL"),
    ],
)
def test_lists_and_tables_are_read(text: str, symbols: str) -> None:
    assert list(symbols_in(text.removeprefix("\ufeff"), "universe.txt")) == symbols.split()


def test_a_csv_file_is_a_table_whatever_it_holds() -> None:
    assert list(symbols_in("SPY,AAPL\nMSFT,GOOG", "Universe.CSV")) == ["SPY", "MSFT"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SPY\n\nS/PY\n", "universe.txt, line 3: 'S/PY' is not a ticker: LEAN spells it S.PY."),
        ("SPY,AA PL\n", "universe.txt, line 1: 'AA PL' is not a ticker"),
        ("SPY,AA PL\nMSFT,GOOG\n", "universe.txt, line 1: 'AA PL' is not a ticker"),
        ("I:SPX\n", "universe.txt, line 1: 'I:SPX' is not a ticker"),
        ("# nothing\n\n", "universe.txt names no symbols"),
        ("symbol,name\n", "universe.txt names no symbols"),
    ],
)
def test_what_is_no_ticker_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(click.UsageError, match=message):
        list(symbols_in(text, "universe.txt"))


@pytest.mark.parametrize("command", ["ensure", "plan"])
def test_words_files_and_pipes_come_in_order(command: str, pipeline: FakePipeline) -> None:
    Path("universe.txt").write_text("\ufeffAAPL\nMSFT # two\n", encoding="utf-8")
    words = ("SPY,QQQ", "@universe.txt", "-", "IBM", "--ticker", "F,GM")
    result = CliRunner().invoke(cli, [command, *words, *ASKED], input="GOOG\n")
    assert result.exit_code == 0
    expected = "SPY QQQ AAPL MSFT GOOG IBM F GM"
    assert pipeline.calls[0]["symbols"] == tuple(expected.split())


def test_the_lean_clis_own_option_is_enough(run: Run, pipeline: FakePipeline) -> None:
    assert run("ensure", "--ticker", "SPY,AAPL", *ASKED).exit_code == 0
    assert pipeline.calls[0]["symbols"] == ("SPY", "AAPL")
    assert run("ensure", *ASKED).exit_code == 2


def test_audit_reads_them_too(run: Run) -> None:
    Path("data").mkdir()
    Path("bad.txt").write_text("SPY\nA/B/C\n")
    result = run("audit", "@bad.txt")
    assert result.exit_code == 2
    assert "bad.txt, line 2: 'A/B/C' is not a ticker" in result.stderr
    Path("good.txt").write_text("SPY\n")
    assert run("audit", "@good.txt", "--ticker", "IBM").exit_code == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "universe.txt cannot be read (No such file or directory)"),
        (b"\xff\xfeS\0P\0", "universe.txt is not UTF-8 text"),
        (b"SPY\n" * 2_600_000, "universe.txt is larger than 10 MB"),
    ],
)
def test_a_file_that_is_no_list_is_one_sentence(
    content: bytes | None, message: str, run: Run, pipeline: FakePipeline
) -> None:
    if content is not None:
        Path("universe.txt").write_bytes(content)
    result = run("ensure", "@universe.txt", *ASKED)
    assert result.exit_code == 2
    assert message in result.stderr
    assert pipeline.calls == []
