"""The desktop's keyring as a Vault, where one is running."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from strandline.errors import LoginError
from strandline.tidal.login_store import TokenStore

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE, ACCOUNT = "strandline", "tidal"
_NOT_REAL = ("keyring.backends.fail", "keyring.backends.null")


class KeyringVault:
    """One entry, named strandline, in the given keyring."""

    def __init__(self, backend: KeyringBackend) -> None:
        self._backend = backend

    def read(self) -> str | None:
        """The text; LoginError when the keyring is locked."""
        from keyring.errors import KeyringError

        try:
            return self._backend.get_password(SERVICE, ACCOUNT)
        except KeyringError as error:
            raise LoginError(
                "The desktop's keyring, which keeps the login, cannot be opened.",
                hint="Unlock it and try again.",
            ) from error

    def write(self, text: str) -> bool:
        """False when the keyring refuses."""
        from keyring.errors import KeyringError

        try:
            self._backend.set_password(SERVICE, ACCOUNT, text)
        except KeyringError:
            return False
        return True

    def clear(self) -> None:
        """Forget the login, if it is there and the keyring is open."""
        from contextlib import suppress

        from keyring.errors import KeyringError

        with suppress(KeyringError):
            self._backend.delete_password(SERVICE, ACCOUNT)


def usable_keyring() -> KeyringBackend | None:
    """The keyring of this session; None on a headless machine."""
    import keyring

    backend = keyring.get_keyring()
    return None if type(backend).__module__ in _NOT_REAL else backend


def open_token_store(state_dir: Path) -> TokenStore:
    """The login of ``state_dir``.

    Only the platform's own state folder shares the keyring: a private one keeps its own file.
    """
    import platformdirs

    if state_dir != Path(platformdirs.user_data_dir("strandline")):
        return TokenStore(state_dir)
    backend = usable_keyring()
    return TokenStore(state_dir, KeyringVault(backend) if backend is not None else None)
