"""New files, several at a time, each of them whole or not there at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import starmap

from leanfeed.default_plugins.disk_errors import came_back_changed
from leanfeed.default_plugins.durability import Durability
from leanfeed.default_plugins.own_names import is_own_name, own_name
from leanfeed.default_plugins.safe_files import make_folders, staged_bytes, stamp_of_new
from leanfeed.stamps import Stamp

__all__ = ["put_together"]

#: Somebody has removed a folder, which is made again, or not so many files may be open at a time.
_ALONE_IT_MAY_WORK = (errno.ENOENT, errno.EMFILE, errno.ENFILE)


def put_together(
    files: Sequence[tuple[str, bytes]], durability: Durability = Durability.FULL
) -> Iterator[Stamp]:
    """Write new files and give each its final name, as ``staged_bytes`` would one by one.

    Where leanfeed's kernel is there they are flushed together, which takes much less time, and
    other threads work meanwhile.

    Args:
        files: the final names, each with the content; folders above them are made.
        durability: whether to flush to the disk.

    Yields:
        The stamps of the files that are put, in their order. It ends before the first one in whose
        place anything stands.

    Raises:
        WriteError: the disk does not keep a file.
        OSError: the system refuses one; it and those after it are as they were, or already there.
    """
    from leanfeed.kernel.new_files import CAME_BACK_CHANGED, NewFile, put  # late: ctypes

    new = [NewFile(*os.path.split(target), content) for target, content in files]
    try:
        make_folders(dict.fromkeys(file.folder for file in new), durability)
    except OSError:  # it is met again, after the files before it
        yield from _put_one_by_one(files, durability)
        return
    answer = put(
        new, [own_name(file.name) for file in new], is_durable=durability is Durability.FULL
    )
    if answer is None:
        yield from _put_one_by_one(files, durability)
        return
    stamps, ended = answer
    yield from starmap(Stamp, stamps)
    rest = files[len(stamps) :]
    if ended in _ALONE_IT_MAY_WORK:
        yield from _put_one_by_one(rest, durability)
    elif ended == CAME_BACK_CHANGED:
        raise came_back_changed(rest[0][0])
    elif ended and ended != errno.EEXIST:
        raise OSError(ended, os.strerror(ended), rest[0][0])


def _put_one_by_one(files: Iterable[tuple[str, bytes]], durability: Durability) -> Iterator[Stamp]:
    for target, content in files:
        try:
            with staged_bytes(target, content, durability) as staging:
                if os.path.lexists(target):
                    return
                staging.put()
        except OSError as error:
            if error.filename is None or is_own_name(os.path.basename(error.filename)):
                error.filename = target  # nobody knows the temporary one
            raise
        yield stamp_of_new(target)
