"""Where the login is kept: the desktop's keyring where there is one, else a private file.

Nothing but a new login or ``auth logout`` ever takes a login away.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from strandline.errors import BusyError, LoginError
from strandline.tidal.token import Token, token_from_json

SCHEMA = "strandline.login/1"
LOGIN_HINT = "Run `strandline auth login`."
FIRST_HINT = "Run `strandline init`: a few questions and a login (`auth login`: that alone)."
LOCK_SECONDS = 60.0
"""A refresh by another process is over by then: requests are bounded."""
LARGEST = 1 << 20
"""Bytes of a login file; a real one has a few thousand."""
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


class Vault(Protocol):
    """A place for one secret text, outside the state folder."""

    def read(self) -> str | None:
        """The text, None when there is none. LoginError when it cannot be opened just now."""

    def write(self, text: str) -> bool:
        """False when the place does not work; then the file is used."""

    def clear(self) -> None:
        """Forget the text, if there is one."""


class TokenStore:
    """The login of one state folder. Calls may come from any thread."""

    def __init__(self, state_dir: Path, vault: Vault | None = None) -> None:
        self.path = state_dir / "login.json"
        self._vault = vault
        self._stored: Token | None = None

    def load(self) -> Token | None:
        """The login, None when there never was one or after a logout.

        LoginError names the file when it is damaged; the file stays as it is.
        """
        document = self._document()
        if document.get("kept_in") == "keyring":
            document = {"token": self._from_vault()}
        self._stored = None if document.get("token") is None else self._parse(document["token"])
        return self._stored

    def save(self, token: Token) -> None:
        """Keep ``token``; nothing is written when it is the one that is kept already."""
        if token == self._stored:
            return
        text = json.dumps(token.to_json())
        if self._vault is not None and self._vault.write(text):
            self._write({"schema": SCHEMA, "kept_in": "keyring"})
        else:
            self._write({"schema": SCHEMA, "kept_in": "file", "token": token.to_json()})
        self._stored = token

    def delete(self) -> bool:
        """Log out: no secret remains. False when there was no login."""
        try:
            there = self.load() is not None
        except LoginError:
            there = True
        if self._vault is not None:
            self._vault.clear()
        if self.path.exists():
            self._write({"schema": SCHEMA, "kept_in": "file", "token": None}, keep_damaged=False)
        self._stored = None
        return there

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One refresh at a time over all processes. BusyError when another one hangs in it."""
        from filelock import FileLock, Timeout

        make_private_folder(self.path.parent)
        lock = FileLock(self.path.with_name("login.lock"), timeout=LOCK_SECONDS, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise BusyError("Another run of strandline is renewing the login.") from None
        except OSError as error:
            raise _unwritable(self.path.with_name("login.lock"), error) from error
        try:
            yield
        finally:
            lock.release()

    def _document(self) -> dict[str, Any]:
        text = self._read()
        if text is None:
            return {}
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            raise self._damaged() from None
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise self._damaged()
        return document

    def _parse(self, document: Any) -> Token:
        try:
            return token_from_json(document)
        except (KeyError, TypeError, ValueError):
            raise self._damaged() from None

    def _from_vault(self) -> Any:
        text = self._vault.read() if self._vault is not None else None
        if text is None:
            raise LoginError(
                "The login is kept in the desktop's keyring, which cannot be opened from here.",
                hint="Unlock it, or run `strandline auth login` from here to keep a login here.",
            )
        try:
            return json.loads(text)
        except ValueError:
            raise self._damaged() from None

    def _damaged(self) -> LoginError:
        return LoginError(
            f"The login in {self.path} is damaged.",
            hint=f"{LOGIN_HINT} The damaged file is then kept beside the new one.",
            code="login_damaged",
        )

    def _read(self) -> str | None:
        flags = os.O_RDONLY | os.O_NONBLOCK | _NOFOLLOW | os.O_CLOEXEC
        try:
            handle = os.open(self.path, flags)
            try:
                _make_private(handle)
                return os.read(handle, LARGEST).decode("utf-8", "replace")
            finally:
                os.close(handle)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def _write(self, document: dict[str, Any], *, keep_damaged: bool = True) -> None:
        make_private_folder(self.path.parent)
        if keep_damaged and self._is_damaged():
            os.replace(self.path, self.path.with_name("login.json.damaged"))
        replace_privately(self.path, json.dumps(document).encode())

    def _is_damaged(self) -> bool:
        try:
            document = self._document()
            if document.get("token") is not None:
                self._parse(document["token"])
        except LoginError:
            return True
        return False


def _unreadable(path: Path, error: OSError) -> LoginError:
    why = "is a symlink" if error.errno == errno.ELOOP else f"cannot be read: {error.strerror}"
    return LoginError(
        f"The login file {path} {why}.",
        hint="Put it right, or move it away and run `strandline auth login`.",
        code="login_damaged",
    )


def _unwritable(path: Path, error: OSError) -> LoginError:
    return LoginError(
        f"{path} cannot be written: {error.strerror}.",
        hint="Make room or permissions there, or set STRANDLINE_STATE_DIR.",
    )


def _make_private(handle: int) -> None:
    """A login that others may read (restored from a backup, say) is closed to them."""
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is not a file")
    if mode & 0o077:
        os.fchmod(handle, 0o600)


def make_private_folder(folder: Path) -> None:
    """The state folder, 0700 when it is made here. LoginError when it cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LoginError(
            f"The state folder {folder} cannot be made: {error.strerror}.",
            hint="Set STRANDLINE_STATE_DIR to a folder that can be written.",
        ) from error


def replace_privately(path: Path, content: bytes) -> None:
    """``path`` is its old or its new self at every moment, and never readable by others."""
    new = path.with_name(f".{path.name}.new")
    try:
        handle = _create(new)
        try:
            _write_all(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(new, path)
        _sync_folder(path.parent)  # TIDAL may have voided the token that was there before
    except OSError as error:
        raise _unwritable(path, error) from error


def _create(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except FileExistsError:  # of a run that was killed, or planted: moved away, never followed
        os.replace(path, path.with_name(f"{path.name}.leftover"))
        return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]
