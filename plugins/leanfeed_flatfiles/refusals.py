"""What an S3 server says when it does not give an object, turned into leanfeed's errors."""

from __future__ import annotations

import re

from leanfeed.errors import AuthenticationError, RateLimitedError, SourceError, UnavailableError

__all__ = [
    "TRANSIENT",
    "AbsentError",
    "BrokenError",
    "BusyError",
    "ChangedError",
    "ForbiddenError",
    "NoRangesError",
    "failure",
    "status_of",
]


class BusyError(RateLimitedError):
    """The server asks for fewer requests; another try may succeed."""


class BrokenError(UnavailableError):
    """The server failed or the connection broke; another try may succeed."""


class NoRangesError(BrokenError):
    """The server gives objects from their first byte on only."""


class AbsentError(SourceError):
    """There is no such object."""


class ChangedError(SourceError):
    """The object is another one than the one that was asked for."""


class ForbiddenError(SourceError):
    """The keys are good, and the plan does not include the object."""


#: What another try may cure.
TRANSIENT = (BusyError, BrokenError)

_STATUS = re.compile(r"status code: (\d{3})\b")
_CODE = re.compile(r"<Code>([A-Za-z.]{1,60})</Code>")
_WRONG_KEYS = {
    "SignatureDoesNotMatch": "the secret does not belong to the access key id",
    "InvalidAccessKeyId": "the access key id is unknown",
    "InvalidClientTokenId": "the access key id is unknown",
    "InvalidSecurity": "the keys are not valid",
    "AuthorizationHeaderMalformed": "it cannot read them",
}
_WRONG_CLOCK = {"RequestTimeTooSkewed", "RequestExpired"}
_BUSY = {"SlowDown", "RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequests"}
_BROKEN = {"RequestTimeout", "InternalError", "ServiceUnavailable"}
#: What the client's own text says of a connection that never was, or broke.
_CAUSES = (
    ("certificate", "its certificate is not trusted"),
    ("ConnectionRefused", "the connection was refused"),
    ("dns error", "its name was not found"),
    ("kind: Connect", "no connection could be made"),
    ("Timeout", "it did not answer in time"),
    ("TimedOut", "it did not answer in time"),
)
_KEYS = "POLYGON_S3_ACCESS_KEY_ID and POLYGON_S3_SECRET_ACCESS_KEY"


def failure(error: Exception, *, endpoint: str, bucket: str, key: str = "") -> SourceError:
    """The error to be raised in its place. Nothing of the server's own text is in it but a code.

    Args:
        error: what the client raised.
        endpoint: who was asked, and
        bucket: for what, and
        key: for which object of it; empty where a list was asked for.
    """
    text = str(error)
    status, code = status_of(error), _code(text)
    said = f"{code or status}"
    if code in _WRONG_KEYS or status == 401:
        why = _WRONG_KEYS.get(code, "they are not valid")
        return AuthenticationError(
            f"{endpoint} refuses the keys for flat files, because {why} ({said}): copy {_KEYS} "
            "again from the dashboard. They are other values than the API key."
        )
    if code in _WRONG_CLOCK:
        return UnavailableError(
            f"{endpoint} refuses what is signed at the time of this machine ({code}): set its "
            "clock, which is off by more than some minutes."
        )
    if code in _BUSY or status == 429:
        return BusyError(f"{endpoint} asks for fewer requests ({said}): run again later.")
    if status >= 500 or code in _BROKEN:
        return BrokenError(f"{endpoint} fails ({said}): run again later.")
    if code == "NoSuchBucket":
        return UnavailableError(
            f"{endpoint} has no bucket {bucket}: check the settings bucket and endpoint."
        )
    if status in (404, 410) or isinstance(error, FileNotFoundError):
        return AbsentError(f"{endpoint} has no {key or bucket}.")
    if "non-partial response" in text:
        return NoRangesError(f"{endpoint} gives {key} only as a whole: run again later.")
    if status in (412, 416):
        return ChangedError(f"{key} was replaced while it was fetched.")
    if status == 403:
        return _forbidden(endpoint, key, said)
    if status:
        return UnavailableError(f"{endpoint} does not answer as an S3 server does ({said}).")
    cause = next((why for word, why in _CAUSES if word in text), "the connection broke")
    return BrokenError(f"{endpoint} cannot be reached: {cause}. Check the network, and run again.")


def status_of(error: Exception) -> int:
    """The HTTP status with which a request failed; 0 when no answer came."""
    match = _STATUS.search(str(error))
    return int(match[1]) if match else 0


def _code(text: str) -> str:
    match = _CODE.search(text)
    return match[1] if match else ""


def _forbidden(endpoint: str, key: str, said: str) -> SourceError:
    if not key:
        return AuthenticationError(
            f"{endpoint} does not let these keys list flat files ({said}): the plan needs flat "
            "files, or the keys are wrong."
        )
    return ForbiddenError(
        f"{key} is listed, but the plan of these keys does not include it ({said}): ask for "
        "dates or a kind of file that it includes, or change the plan."
    )
