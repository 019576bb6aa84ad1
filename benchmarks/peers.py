"""The programs strandline is compared with: Debian packages, installed where they are missing."""

from __future__ import annotations

import os
import shutil
import subprocess

PACKAGES = {
    "rsync": "rsync",
    "rclone": "rclone",
    "unison": "unison",
    "jdupes": "jdupes",
    "b3sum": "b3sum",
    "ffmpeg": "ffmpeg",
    "find": "findutils",
    "openssl": "openssl",
}


def require(*names: str) -> None:
    """Install what is not there; SystemExit says what to install where that cannot be done."""
    missing = [PACKAGES[name] for name in names if shutil.which(name) is None]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SystemExit(f"Install these first: {' '.join(missing)}")
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", *missing], check=True)
