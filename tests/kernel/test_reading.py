"""A page is read by the kernel as Python reads it, or is left to Python."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st

from leanfeed import kernel
from leanfeed_polygon.rows import read_rows
from tests.kernel.conftest import BothRoads

FRAME = '{"ticker":"X","resultsCount":%d,"adjusted":false,"results":[%s],"status":"OK"}'
ROW = (
    '{"v":1.263356e+06,"vw":100.0831,"o":100.09,"c":100,"h":101.5,"l":99.5,"t":1704186120000,"n":3}'
)
PLAIN = ROW.replace("1.263356e+06", "1263356")
#: With so much behind it a row may be read as one that looks like the one before it.
ROOM = b" " * 1024

#: Numbers as JSON may spell them, and some that it may not.
spellings = st.one_of(
    st.decimals(-(10**6), 10**6, places=4).map(str),
    st.integers(-(2**60), 2**60).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[-+0-9.eE]{1,6}", fullmatch=True),
    st.sampled_from(["null", "true", '"1"', "[1]", "{}", "NaN", "", "-", "1.", ".5", "01", "1e"]),
)


def columns(body: bytes) -> object:
    answer, bars = read_rows(body, about="X", quote=str)
    return answer.ticker, answer.next_url, answer.request_id, [c.tobytes() for c in bars.columns]


def agree(both_roads: BothRoads, body: bytes) -> tuple[object, ...]:
    for whole in (body + ROOM, body):
        fast, slow = both_roads(lambda whole=whole: columns(whole))
        assert fast == slow, whole
    assert isinstance(fast, tuple)
    return fast


@given(st.lists(spellings, min_size=8, max_size=8), st.permutations("vocmhltn"))
@example(["9007199254740992"] * 8, list("vocmhltn"))
@example(["9007199254740993"] * 8, list("vocmhltn"))
@example(["-0"] * 8, list("vocmhltn"))
@example(["1e22"] * 8, list("vocmhltn"))
@example(["1e23"] * 8, list("vocmhltn"))
@example(["0.1e-21"] * 8, list("vocmhltn"))
def test_any_number(both_roads: BothRoads, values: list[str], names: list[str]) -> None:
    usual = json.loads(ROW)
    for position in range(8):
        fields = {
            **{name: json.dumps(usual[name]) for name in usual},
            names[position]: values[position],
        }
        row = ",".join(f'"{name}":{value}' for name, value in fields.items())
        agree(both_roads, (FRAME % (3, f"{PLAIN},{{{row}}},{PLAIN}")).encode())


@pytest.mark.parametrize(
    "rows",
    [
        "",
        ROW,
        f" {ROW} , {ROW} ",
        ROW.replace(",", " ,\n\t").replace(":", " : "),
        f"{ROW},",
        f",{ROW}",
        ROW * 2,
        f"{ROW},{{}}",
        f"{ROW},null",
        f"{ROW},[]",
        f"[{ROW}]",
        ROW.replace('"v"', '"v":1,"v"'),
        ROW.replace('"v"', '"\\u0076"'),
        ROW.replace('"n"', '"é"'),
        ROW.replace('"n"', '"n\\n"'),
        ROW.replace('"n":3', '"otc":true'),
        ROW.replace('"n":3', '"n":null,"otc":false'),
        ROW.replace('"n":3', '"n":"3"'),
        ROW.replace('"n":3', '"n":[1]'),
        ROW.replace('"n":3', '"n":{"a":1}'),
        ROW.replace('"n":3', '"n":trueish'),
        ROW.replace('"n":3', '"n":1e999'),
        ROW.replace(',"n":3', ","),
        ROW.replace('"t":1704186120000,', ""),
        ROW.replace("1704186120000", "1704186120000.0"),
        ROW.replace("1704186120000", "-1"),
        ROW.replace("1704186120000", "1e12"),
        ROW[:-1],
        ROW[1:],
    ],
)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_any_shape(both_roads: BothRoads, rows: str, count: int) -> None:
    agree(both_roads, (FRAME % (count, rows)).encode())
    agree(both_roads, (FRAME % (count + 2, f"{PLAIN},{PLAIN},{rows}")).encode())


@pytest.mark.parametrize(
    "body",
    [
        f'{{"results":[{ROW}],"ticker":"X","status":"OK","results":[]}}',
        f'{{"results":[],"ticker":"X","status":"OK","results":[{ROW}]}}',
        f'{{"results":[{ROW}],"ticker":"X","status":"OK","r\\u0065sults":[0]}}',
        f'{{"results":[{ROW}],"ticker":"X","status":"OK","other":[0]}}',
        f'{{"other":{{"results":[{ROW}]}},"ticker":"X","status":"OK","results":[0]}}',
        f'{{"other":{{"results":[{ROW}]}},"ticker":"X","status":"OK"}}',
        f'{{"results":[{ROW}]],"ticker":"X","status":"OK"}}',
        f'{{"x\\"results":[{ROW}],"ticker":"X","status":"OK"}}',
        f'{{"ticker":"\\"results\\":[{ROW}]","status":"OK","results":[{ROW}]}}',
        f'[{{"results":[{ROW}]}}]',
        f'{{"results":[{ROW}],"ticker":"X","status":"OK"}} ',
        f'{{"results":[{ROW}],"ticker":"X","status":"OK"}}x',
        f'{{"results":[{ROW}],"ticker":7,"status":"OK"}}',
        f'{{"results":[{ROW}],"ticker":"X","status":"ERROR","error":"[0]"}}',
        f'{{"results":[{ROW}],"ticker":"X","status":"OK","next_url":"https://[0]/"}}',
        f'{{"results":[{ROW}],"ticker":"X","status":"OK","more":{"[" * 2000}{"]" * 2000}}}',
        f'{{"results":[{ROW}],"ticker":"X","status":"OK","more":"{"x" * 9000}"}}',
        '{"results":[',
        '"results":[',
        '{"results":null,"ticker":"X","status":"OK","resultsCount":0}',
    ],
)
def test_any_frame(both_roads: BothRoads, body: str) -> None:
    agree(both_roads, body.encode())


def test_any_damage(both_roads: BothRoads) -> None:
    """Bytes that are changed, dropped or doubled, anywhere."""
    rng = random.Random(5)
    whole = (FRAME % (3, ",".join([PLAIN] * 3))).encode()
    for _ in range(3000):
        body = bytearray(whole)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(body))
            match rng.randrange(3):
                case 0:
                    body[at] = rng.choice(b'{}[]",:.-+eE0123456789 \\\n\x00\xff')
                case 1:
                    del body[at : at + rng.randint(1, 20)]
                case 2:
                    body[at:at] = body[at : at + rng.randint(1, 20)]
        agree(both_roads, bytes(body))


def test_the_kernel_does_what_is_usual(both_roads: BothRoads) -> None:
    """Else the tests above would compare Python with itself."""
    body = (FRAME % (2, f"{ROW},{ROW}")).encode()
    read = kernel.read_rows(body, body.index(b"["), whole="t", others="ov", most=2)
    assert read is not None
    assert [column.tolist() for column in read.columns] == [
        [1704186120000] * 2, [100.09] * 2, [1263356.0] * 2,
    ]  # fmt: skip
    assert body[read.end :] == b',"status":"OK"}'
    assert kernel.read_rows(body, body.index(b"["), whole="t", others="ov", most=1) is None
    assert kernel.read_rows(body, body.index(b"["), whole="t", others="ox", most=2) is None


@given(st.integers(0, 2**53 - 1), st.integers(-22, 22))
def test_numbers_are_the_nearest_doubles(
    both_roads: BothRoads, mantissa: int, exponent: int
) -> None:
    text = f'[{{"t":{mantissa},"v":{mantissa}e{exponent}}}]'.encode()
    read = kernel.read_rows(text, 0, whole="t", others="v", most=1)
    assert read is not None
    assert read.columns[0].tolist() == [mantissa]
    assert read.columns[1].tolist() == [float(f"{mantissa}e{exponent}")]


def test_recorded_answers(both_roads: BothRoads, polygon_recorded: Path) -> None:
    seen = 0
    for path in sorted(polygon_recorded.rglob("*.json")):
        body = path.read_bytes().replace(b'"adjusted":true', b'"adjusted":false')
        read = agree(both_roads, body)
        seen += len(read) == 4  # else it is how it fails
    assert seen


def test_a_kernel_of_another_version_is_not_used(
    both_roads: BothRoads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "_VERSION", 0)
    kernel._library.cache_clear()
    try:
        assert not kernel.is_there()
    finally:
        monkeypatch.undo()
        kernel._library.cache_clear()
    assert kernel.is_there()


@pytest.mark.parametrize("names", ["vocmhltn", "tvohlc", "tv" + "abdefg" + "ohlc"])
@pytest.mark.parametrize("blank", ["", " "])
def test_many_rows_that_look_alike(both_roads: BothRoads, names: str, blank: str) -> None:
    rng = random.Random(7)
    rows = []
    for number in range(200):
        values = {
            name: f"{rng.random() * 10 ** rng.randint(0, 9):.{rng.randint(0, 8)}f}"
            for name in names
        }
        values["t"] = str(1704186120000 + number)
        row = ",".join(f'"{name}":{blank}{value}' for name, value in values.items())
        rows.append(f"{{{row}}}")
    for odd in (rows[0], ROW, rows[0].replace(":", " : "), rows[0].replace("}", " }")):
        text = ",".join([*rows[:100], odd, *rows[100:]])
        fast = agree(both_roads, (FRAME % (201, text)).encode())
        assert len(fast[3][0]) == 201 * 8
