"""The bucket: what lies in it, and the bytes of one object, from any place on."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define, field, frozen

from leanfeed.errors import SourceError, UnavailableError
from leanfeed.events import RequestAnswered, announce
from leanfeed.secret import Secret, without_frames
from leanfeed_flatfiles.refusals import BrokenError, ChangedError, failure, status_of
from leanfeed_flatfiles.settings import NAME

if TYPE_CHECKING:
    from obstore.store import S3Credential, S3Store

__all__ = ["RemoteObject", "Store"]

Result = TypeVar("Result")

#: So many bytes have to come within the limit for a stalled connection.
_CHUNK = 64 * 1024


@frozen
class RemoteObject:
    """An object as the bucket describes it."""

    key: str
    #: Without quotation marks; empty where the server gives none.
    etag: str
    size: int
    last_modified: dt.datetime

    @property
    def md5(self) -> str:
        """The checksum of its content; empty where the ETag is none, as of one put in parts."""
        digits = self.etag.lower()
        is_md5 = len(digits) == 32 and all(digit in "0123456789abcdef" for digit in digits)
        return digits if is_md5 else ""


@define(eq=False)
class Store:
    """A bucket of an S3 server. Each request is one try: whoever asks decides on another."""

    endpoint: str
    bucket: str
    access_key_id: Secret = field(repr=False)
    secret_access_key: Secret = field(repr=False)
    #: Seconds without an answer, or without the next 64 kB of it, after which nobody waits longer.
    stall: float
    _client: S3Store | None = field(default=None, init=False, repr=False)

    async def list(self, prefix: str, *, is_retry: bool = False) -> dict[str, RemoteObject]:
        """Every object whose key begins so, by key, however many pages that takes.

        Raises:
            SourceError: the server refuses, or cannot be reached.
        """
        import obstore

        started = monotonic()
        found: dict[str, RemoteObject] = {}
        pages = obstore.list(self._opened(), prefix, chunk_size=1000)
        iterator = aiter(pages)
        while page := await self._answered(_next(iterator), prefix, started, is_retry=is_retry):
            found |= {meta["path"]: _described(meta) for meta in page}
        _announce(f"{self.bucket}?prefix={prefix}", 200, 0, started, is_retry=is_retry)
        return found

    async def read(
        self, wanted: RemoteObject, offset: int, *, is_retry: bool = False
    ) -> AsyncGenerator[memoryview]:
        """The bytes of an object from an offset on, as they come.

        Raises:
            ChangedError: the object is another one by now.
            SourceError: the server refuses, or cannot be reached any more.
        """
        import obstore

        started, came = monotonic(), 0
        options: dict[str, Any] = {}
        if wanted.etag:
            options["if_match"] = f'"{wanted.etag}"'
        if offset:
            options["range"] = {"offset": offset}
        asked = obstore.get_async(self._opened(), wanted.key, options=options)  # type: ignore[arg-type]
        result = await self._answered(asked, wanted.key, started, is_retry=is_retry)
        if (_etag(result.meta), result.meta["size"]) != (wanted.etag, wanted.size):
            raise ChangedError(f"{wanted.key} was replaced while it was fetched.")
        if result.range[0] != offset:
            raise BrokenError(f"{self.endpoint} sent another part of {wanted.key} than asked for.")
        chunks = aiter(result.stream(min_chunk_size=_CHUNK))
        try:
            while chunk := await self._answered(
                _next(chunks), wanted.key, started, announces=False
            ):
                came += len(chunk)
                yield memoryview(chunk)
        finally:
            status = 206 if offset else 200
            _announce(f"{self.bucket}/{wanted.key}", status, came, started, is_retry=is_retry)

    async def _answered(
        self,
        asked: Awaitable[Result],
        target: str,
        started: float,
        *,
        is_retry: bool = False,
        announces: bool = True,
    ) -> Result:
        """What was asked for, within the limit; a failure as one of leanfeed's errors."""
        from obstore.exceptions import BaseError

        key = "" if target.endswith("/") else target
        problem: SourceError
        status = 0
        try:
            async with asyncio.timeout(self.stall):
                return await asked
        except TimeoutError:
            problem = BrokenError(f"{self.endpoint} fell silent: run again later.")
        except (BaseError, OSError, ValueError) as error:
            status = status_of(error)
            problem = failure(error, endpoint=self.endpoint, bucket=self.bucket, key=key)
        if announces:
            _announce(f"{self.bucket}/{target}", status, 0, started, is_retry=is_retry)
        raise without_frames(problem)

    def _opened(self) -> S3Store:
        if self._client is None:
            self._client = self._made()
        return self._client

    def _made(self) -> S3Store:
        """A client that takes nothing from the environment: variables for AWS are another's."""
        try:
            from obstore.store import S3Store
        except ImportError:
            raise UnavailableError(
                'Flat files need the library obstore: pip install "leanfeed[flatfiles]".'
            ) from None

        def credential() -> S3Credential:
            return {
                "access_key_id": self.access_key_id.reveal(),
                "secret_access_key": self.secret_access_key.reveal(),
                "token": None,
                "expires_at": None,
            }

        return S3Store(
            self.bucket,
            endpoint=self.endpoint,
            aws_endpoint_url_s3=self.endpoint,
            region="us-east-1",
            virtual_hosted_style_request=False,
            skip_signature=False,
            request_payer=False,
            unsigned_payload=False,
            s3_express=False,
            credential_provider=credential,
            client_options={
                "allow_http": self.endpoint.startswith("http:"),
                "connect_timeout": dt.timedelta(seconds=self.stall),
                "timeout": dt.timedelta(days=1),
                "user_agent": "leanfeed",
            },
            retry_config={"max_retries": 0},
        )


async def _next(items: AsyncIterator[Result]) -> Result | None:
    return await anext(items, None)


def _described(meta: Any) -> RemoteObject:
    return RemoteObject(
        key=meta["path"],
        etag=_etag(meta),
        size=meta["size"],
        last_modified=meta["last_modified"],
    )


def _etag(meta: Any) -> str:
    """Servers quote it in one answer and not in another, or call it weak when they compress."""
    return (meta["e_tag"] or "").removeprefix("W/").strip('"')


def _announce(target: str, status: int, came: int, started: float, *, is_retry: bool) -> None:
    seconds = monotonic() - started
    announce(RequestAnswered(NAME, f"/{target}", status, came, seconds, is_retry))
