"""What stories of a TIDAL that refuses share: an account, a sync, and what must not stay of it."""

from __future__ import annotations

from strandline.tidal.login_store import TokenStore
from strandline.tidal.token import Token
from tests.cli.terminal import Said, Terminal

INFO, ITEMS = "/v1/tracks/*/playbackinfopostpaywall", "/v1/playlists/*/items"
FOLDERS = "/v2/my-collection/playlists/folders"


def many(t: Terminal, number: int = 12) -> None:
    t.account.playlist("Deep House", [t.track(f"x{place:02}") for place in range(number)])


def pkce(t: Terminal) -> Terminal:
    """Logged in on TIDAL's web page."""
    from strandline.tidal.app_clients import LoginWay

    login = t.tidal.logins.issue("pkce")
    token = Token(login.access_token, login.refresh_token, "Bearer", way=LoginWay.PKCE)
    TokenStore(t.state).save(token)
    return t


def sync(t: Terminal) -> Said:
    return t("sync-execute", "--yes", "--json")


def nothing_marked(t: Terminal) -> bool:
    counts = t("sync-status", "--json").json["tracks"]
    return (counts["error"], counts["unavailable"], counts["downloading"]) == (0, 0, 0)


def heals(t: Terminal, number: int = 12) -> bool:
    """The next run does all of it, as if nothing had been."""
    t.tidal.faults.clear()
    t.tidal.blocks.clear()
    said = sync(t)
    return said.code == 0 and len(list(t.playlists.glob("Deep House/*"))) == number
