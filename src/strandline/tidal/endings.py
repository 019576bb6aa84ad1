"""The error a run ends with when a refusal is about more than one track."""

from __future__ import annotations

from strandline.errors import LoginError, StrandlineError, TidalAnswerError, UnreachableError
from strandline.tidal.app_clients import LoginWay
from strandline.tidal.refusals import (
    NOT_READY,
    PRIVILEGES,
    QUOTA,
    SUBSCRIPTION,
    RefusedError,
    Scope,
)

NEWER = "Look for a newer strandline (`pip install --upgrade strandline`)."
LATER = "Try again later."
PKCE = "Log in for full quality with `strandline auth login --pkce`, then run again."


def ending(refusal: RefusedError, way: LoginWay) -> StrandlineError:
    """The error a run ends with when this refusal is about more than a track.

    ``way``: how the login was made. LoginError (6), or UnreachableError (8).
    """
    match refusal.scope:
        case Scope.LOGIN:
            return login_over()
        case Scope.CLIENT:
            return client_withdrawn(refusal.number, way)
        case Scope.TIER if way is LoginWay.DEVICE and refusal.sub_status == NOT_READY:
            return LoginError(
                f"TIDAL gives no audio to this kind of login: every track is refused"
                f" ({refusal.number}).",
                hint=PKCE,
                code="client_refused",
            )
        case Scope.TIER | Scope.TRACK:
            return UnreachableError(
                f"TIDAL refuses every track that is asked for ({refusal.number}), so it is not"
                " about the tracks.",
                hint=f"{LATER} Does anything play in TIDAL's own app?",
                code="all_refused",
            )
        case Scope.PLACE:
            return UnreachableError(
                f"TIDAL gives nothing to the place this machine is in ({refusal.number}).",
                hint=f"{LATER} Is a VPN or a proxy on?",
                code="place_refused",
            )
        case Scope.RATE:
            return UnreachableError(
                f"TIDAL says this account is rate limited ({refusal.number}).",
                hint=LATER,
                code="rate_refused",
            )
        case Scope.ACCOUNT:
            return _account(refusal)
        case Scope.PROTOCOL:
            return answers_changed(refusal)


def read_ending(refusal: RefusedError, way: LoginWay) -> StrandlineError:
    """The same for what is read of the account: its lists, its session."""
    if refusal.scope in (Scope.TIER, Scope.TRACK):
        return answers_changed(refusal)
    return ending(refusal, way)


def _account(refusal: RefusedError) -> UnreachableError:
    why, hint = {
        PRIVILEGES: ("it plays on another device, or is rate limited", LATER),
        QUOTA: ("its quota is used up", f"{LATER} TIDAL's own app says when it is renewed."),
        SUBSCRIPTION: ("its subscription does not cover it", "Look at the account in TIDAL's app."),
    }.get(refusal.sub_status or 0, ("it does not say why", f"{LATER} Does TIDAL's own app play?"))
    return UnreachableError(
        f"TIDAL gives this account nothing now ({refusal.number}): {why}.",
        hint=hint,
        code="account_refused",
    )


def answers_changed(refusal: RefusedError) -> TidalAnswerError:
    """TIDAL's API is not what this version knows; the request is named."""
    request = f" to {refusal.request}" if refusal.request else ""
    return TidalAnswerError(
        f"TIDAL's answers changed: it refused {refusal.what} ({refusal.number}, the"
        f" request{request}).",
        hint=NEWER,
        code="answers_changed",
    )


def login_over() -> LoginError:
    """TIDAL no longer knows the login; what is kept of it stays until the next login."""
    return LoginError(
        "TIDAL no longer accepts the login.", hint="Run `strandline auth login`.", code="login_over"
    )


def client_withdrawn(number: str, way: LoginWay) -> LoginError:
    """TIDAL took back the client id that logins of this way are made for: a new one is no help."""
    other = LoginWay.DEVICE if way is LoginWay.PKCE else LoginWay.PKCE
    return LoginError(
        f"TIDAL has withdrawn the client that `strandline auth login --{way.value}` logs in with"
        f" ({number}); logging in so again does not help.",
        hint=f"{NEWER} Until there is one: `strandline auth login --{other.value}`.",
        code="client_withdrawn",
    )
