"""The words by which a title says which version it is of, and those that say nothing."""

from __future__ import annotations

import re
from typing import Final

_SAME: Final = {
    "remastered": "remaster", "remastering": "remaster", "remasterd": "remaster",
    "rmx": "remix", "remixed": "remix", "remixes": "remix",
    "acapella": "acappella", "accapella": "acappella", "acapela": "acappella",
    "inst": "instrumental", "instr": "instrumental", "instrumentals": "instrumental",
    "symphonic": "orchestral", "orchestra": "orchestral", "orchestrated": "orchestral",
    "sessions": "session", "reworked": "rework", "ext": "extended", "xtended": "extended",
    "edited": "edit", "reedit": "edit", "alternative": "alternate", "alt": "alternate",
    "demos": "demo", "stems": "stem", "vers": "version", "ver": "version",
    "rerecorded": "rerecording", "stripped": "acoustic", "mashed": "mashup", "covers": "cover",
    "booty": "bootleg", "lofi": "lofi", "dubs": "dub", "takes": "take",
}  # fmt: skip

HARD: Final = frozenset({
    "extended", "club", "radio", "vip", "dub", "instrumental", "acappella", "acoustic", "live",
    "demo", "remaster", "remix", "edit", "rework", "bootleg", "mashup", "karaoke", "reprise",
    "mono", "orchestral", "piano", "spedup", "slowed", "nightcore", "8d", "mixed", "commentary",
    "rerecording", "unplugged", "session", "cover", "version", "mix", "interlude", "skit", "drums",
    "stem", "take", "flip", "refix", "short", "long", "festival", "tool", "alternate", "reimagined",
    "remode", "rehearsal", "outtake", "tribute", "chopped", "screwed", "lofi", "beats", "loop",
    "intro", "outro", "vocal", "drumapella", "single", "maxi", "inch", "cut", "dance", "hardstyle",
    "reverb", "tv", "anniversary", "workout", "ringtone", "preview", "snippet", "medley",
    "strings", "guitar", "choir", "rendition", "redux", "retake", "rmstr",
})  # fmt: skip
"""Each must stand on both sides, or on none."""

CARRIERS: Final = frozenset({"mix", "version", "cut"})
"""Say nothing beside a word that says more: an Extended Version is an Extended Mix."""

_PHRASES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"\ba cappella\b"), "acappella"),
    (re.compile(r"\b(?:sped|speed|speeded) up\b"), "spedup"),
    (re.compile(r"\bslowed down\b"), "slowed"),
    (
        re.compile(r"\bre (recorded|recording|edit|mastered|mix|mixed|work|worked|imagined)\b"),
        r"re\1",
    ),
    (re.compile(r"\bmash up\b"), "mashup"),
    (re.compile(r"\blo fi\b"), "lofi"),
    (re.compile(r"\bin concert\b"), "live"),
    (re.compile(r"\bdj (?:mix|mixed)\b"), "mixed"),
    (re.compile(r"\b(?:v i p)\b"), "vip"),
    (re.compile(r"\b(7|12) (?:in|inch|inches)\b"), r"\1 inch"),
)

_NEUTRAL: Final = re.compile(
    r"(?:the )?(?:original(?: (?:mix|version|studio version|recording))?|album (?:version|mix)|"
    r"(?:lp|studio|full|main album) version|"
    r"(?:official )?(?:hd |hq |4k |full )?(?:music |lyrics? |promo )?"
    r"(?:audio|video|clip|visuali[sz]er)"
    r"(?: (?:hd|hq|4k|clip))?|"
    r"official|with lyrics|lyrics?|hd|hq|4k|high quality|bonus(?: track)?|stereo(?: version)?|"
    r"mp3|flac|"
    r"320(?: ?kbps)?|free (?:download|dl)|out now|premiere|new|"
    r"(?:original (?:motion picture )?)?soundtrack|ost|single|"
    r"(?:from|taken from|music from|theme from|as heard (?:in|on)) .*|.* (?:ost|soundtrack))"
)
_CATALOGUE: Final = re.compile(r"[a-z]{2,8}[ -]?[0-9]{2,5}[a-z]{0,3}")
_EXPLICIT: Final = re.compile(r"(?:explicit|dirty)(?: (?:version|lyrics|album version))?")
_CLEAN: Final = re.compile(r"(?:clean|censored|edited)(?: (?:version|edit|lyrics))?")


def canonical(text: str) -> str:
    """A bracket's words with every spelling of a version word made one."""
    for pattern, meaning in _PHRASES:
        text = pattern.sub(meaning, text)
    return " ".join(_SAME.get(word, word) for word in text.split())


def says_nothing(text: str) -> bool:
    """Whether a bracket tells nothing about the recording."""
    return _NEUTRAL.fullmatch(text) is not None


def is_catalogue_number(text: str) -> bool:
    """Whether a bracket is a label's number, as ``[ABC123]``."""
    return _CATALOGUE.fullmatch(text) is not None


def explicitness(text: str) -> bool | None:
    """What a bracket says about its words: explicit, clean, or None."""
    if _EXPLICIT.fullmatch(text):
        return True
    return False if _CLEAN.fullmatch(text) else None


def hard_words(words: list[str]) -> frozenset[str]:
    """The version words among ``words``."""
    return frozenset(word for word in words if word in HARD)
