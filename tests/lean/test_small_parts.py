"""Small parts on the way between bars and files, each at its edges."""

from __future__ import annotations

import io
import zipfile
import zlib

import numpy as np
import pytest

from leanfeed.lean.decimals import cells, decimal_sum, parse_numbers
from leanfeed.lean.lines import normalised, sound_part
from leanfeed.lean.plain_zip import HEADER, checksum_in, zip_of
from tests import build

TEXT = b"34200000,10000,20000,10000,20000,5"


def test_sound_part_keeps_the_sound_rows_and_no_other() -> None:
    good = [b"20240102 00:00,1,2,1,2,5", b"20240103 00:00,1,2,1,2,5", b"20240104 00:00,1,2,1,2,5"]
    text = b"\xef\xbb\xbf" + good[0] + b"\r" + b"nonsense\r\n\n" + good[1] + b",9\n"
    text += good[1] + b" \n" + good[1] + b"\n" + good[2] + b"\r" + good[2][:-2] + b"\n"
    assert sound_part(text, build.series(resolution="daily")) == b"\n".join(good)
    assert sound_part(b"", build.series()) == b""
    assert sound_part(b"noise\nXX\nXX", build.series()) == b""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", b""),
        (b"a\nb", b"a\nb"),
        (b"a\r\nb\r\n", b"a\nb"),
        (b"\xef\xbb\xbfa\n", b"a"),
        (b"a\n\n", b"a\n"),
        (b"a\rb", b"a\rb"),
    ],
)
def test_normalised(text: bytes, expected: bytes) -> None:
    assert normalised(text) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], 0.0),
        ([0.1, 0.2], 0.3),
        ([0.1] * 10, 1.0),
        ([5.0, 7.0], 12.0),
        ([-0.1, 0.1, 0.2], 0.2),
        ([1e-8, 1e8], 100000000.00000001),
        ([2.0**52, 2.0**52 - 1], 2.0**53 - 1),
        ([2.0**53, 1.0, 1.0], 2.0**53 + 2),
        ([-(2.0**53), -1.0, -1.0], -(2.0**53) - 2),
        ([1e16, 1.0, -1e16], 1.0),
        ([0.5, 1.0], 1.5),
    ],
)
def test_decimal_sum(values: list[float], expected: float) -> None:
    assert decimal_sum(np.array(values)) == expected


@pytest.mark.parametrize(
    ("text", "scale", "expected"),
    [
        (b"123456.7", 10_000, 12.34567),
        (b"1", 10_000, 0.0001),
        (b"2900", 10_000, 0.29),
        (b"9007199254740993", 10_000, 900719925474.0993),
        (b"9007199254740993", 1, 9007199254740992.0),
        (b"-2875349.23", 10_000, -287.534923),
        (b"0.00001", 1, 1e-5),
        (b"0", 10_000, 0.0),
    ],
)
def test_parse_numbers(text: bytes, scale: int, expected: float) -> None:
    assert parse_numbers([text], scale=scale).tolist() == [expected]
    both = parse_numbers([b"10000", text, b""], scale=scale)
    assert both[:2].tolist() == [10_000 / scale, expected]
    assert np.isnan(both[2])


@pytest.mark.parametrize(
    ("values", "scale", "expected"),
    [
        ([1.0, 0.5], 10_000, ["10000", "5000"]),
        ([1.0, 12.34567], 10_000, ["10000", "123456.7"]),
        ([1.0, 0.001, 0.0009], 1, ["1", "0.001", "0.0009"]),
        ([1e15, 1e14], 1, ["1000000000000000", "100000000000000"]),
        ([999999999999999.0, 1234567890123456.0], 1, ["999999999999999", "1234567890123456"]),
        ([-0.0, -1.0], 1, ["0", "-1"]),
        ([float("nan"), 2.0], 10_000, ["", "20000"]),
        ([1e-8, 3.0], 1, ["0.00000001", "3"]),
    ],
)
def test_cells(values: list[float], scale: int, expected: list[str]) -> None:
    assert [str(cell) for cell in cells(np.array(values), scale=scale)] == expected


def streamed() -> bytes:
    """A zip whose checksum stands behind its entry."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        archive.writestr("a.csv", TEXT)
    return pipe.getvalue()


def test_checksum_stands_in_the_first_bytes_or_nowhere() -> None:
    made = zip_of("a.csv", TEXT)
    assert checksum_in(made[:HEADER]) == zlib.crc32(TEXT)
    assert checksum_in(made[: HEADER - 1]) is None
    assert checksum_in(b"") is None
    assert checksum_in(streamed()[:HEADER]) is None
    assert checksum_in(b"PK\1\2" + made[4:HEADER]) is None
    assert checksum_in(b"x" * HEADER) is None
