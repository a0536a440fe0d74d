"""OpenStack Swift with its S3 API: an account, a container, an object and a proxy server.

Runs by itself, where Swift is installed: ``python swift_server.py FOLDER PORT AHEAD``, where its
clock is so many seconds ahead. Prints ``ready``, and ends with its standard input, that is, with
whoever started it.
"""

from __future__ import annotations

import getpass
import os
import signal
import sys
import time
from pathlib import Path

import eventlet
from swift.common import wsgi
from swift.common.ring import RingBuilder
from swift.common.utils import set_swift_dir

ACCESS_KEY_ID, SECRET_ACCESS_KEY = "test:tester", "testing"
_KINDS = ("account", "container", "object")
_SWIFT = """
[swift-hash]
swift_hash_path_prefix = tests
swift_hash_path_suffix = tests
[storage-policy:0]
name = only
default = yes
"""
_COMMON = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
log_level = ERROR
log_address = {folder}/no-log
"""
_STORAGE = """
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
_PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper proxy-logging cache listing_formats s3api tempauth copy slo dlo
    versioned_writes symlink proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
check_bucket_owner = false
max_bucket_listing = 20
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:cache]
use = egg:swift#memcache
memcache_servers =
[filter:proxy-logging]
use = egg:swift#proxy_logging
"""
_FILTERS = [
    "catch_errors",
    "gatekeeper",
    "listing_formats",
    "copy",
    "slo",
    "dlo",
    "versioned_writes",
    "symlink",
]


def main(folder: Path, port: int, ahead: float) -> None:
    """Serve until killed, with everything kept in the folder."""
    if ahead:
        now = time.time
        time.time = lambda: now() + ahead
    (folder / "devices/disk").mkdir(parents=True)
    (folder / "swift.conf").write_text(_SWIFT, encoding="ascii")
    set_swift_dir(str(folder))
    sockets = {kind: eventlet.listen(("127.0.0.1", 0)) for kind in _KINDS}
    texts = {kind: _STORAGE.format(kind=kind) for kind in _KINDS}
    for kind, socket in sockets.items():
        _ring(folder, kind, socket.getsockname()[1])
    sockets["proxy"] = eventlet.listen(("127.0.0.1", port), backlog=128)
    filters = "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in _FILTERS)
    texts["proxy"] = _PROXY + filters
    for kind, socket in sockets.items():
        configuration = _configuration(folder, kind, socket.getsockname()[1], texts[kind])
        if os.fork() == 0:
            os.close(0)
            values, logger, names, _ = wsgi.check_config(configuration, f"{kind}-server")
            wsgi.run_server(values, logger, socket, names)
            os._exit(0)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


def _ring(folder: Path, kind: str, port: int) -> None:
    builder = RingBuilder(4, 1, 1)
    place = {"ip": "127.0.0.1", "port": port, "device": "disk", "region": 1, "zone": 1}
    builder.add_dev({**place, "weight": 1.0})
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{kind}.ring.gz"))


def _configuration(folder: Path, kind: str, port: int, text: str) -> str:
    path = folder / f"{kind}.conf"
    common = _COMMON.format(folder=folder, port=port, user=getpass.getuser())
    path.write_text(common + text, encoding="ascii")
    return str(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
