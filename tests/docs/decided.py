"""The examples of docs/how-it-decides.md: each is read, lived in memory, and told again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.core.disk import File, placed, short
from tests.core.memory import Story

from strandline.core.ids import folder_of
from strandline.core.plan import Plan
from strandline.core.policy import Policy
from strandline.core.states import Kind

PAGE = Path(__file__).parents[2] / "docs/how-it-decides.md"
EXAMPLE = re.compile(r"^```example\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WIDTH = len("settings ")


def examples(page: str) -> list[str]:
    """What stands between the fences, in the page's order."""
    return EXAMPLE.findall(page)


def told_again(example: str) -> str:
    """The example with the plan and the library that strandline makes of it."""
    given = [line for line in example.splitlines() if _is_given(line)]
    lived = _Lived()
    for line in given:
        lived.happens(line[:WIDTH].strip(), line[WIDTH:].strip())
    return "".join(f"{line}\n" for line in (*given, *lived.ending()))


def _is_given(line: str) -> bool:
    return line[:WIDTH].strip() in ("synced", "TIDAL", "you", "settings")


SETTINGS: dict[str, Any] = {
    "primary_priority": lambda said: {"primary_priority": (said,)},
    "exclude": lambda said: {"exclude": (said,)},
    "link_mode": lambda said: {"link_kind": Kind(said)},
    "dedupe": lambda said: {"recordings": said == "recording"},
    "layout": lambda said: {"pool": said == "pool"},
}


@dataclass
class _Lived:
    """A story to which the lines of an example happen."""

    story: Story = field(default_factory=lambda: Story(policy=Policy(track_template="{title}")))

    def happens(self, who: str, what: str) -> None:
        """One line of an example; ValueError for one that nobody understands."""
        for pattern, does in HAPPENINGS[who].items():
            if said := re.fullmatch(pattern, what):
                does(self.story, *said.groups())
                return
        raise ValueError(f"not understood: {who} {what}")

    def ending(self) -> list[str]:
        """What the next run does, the library after it, and that this was all."""
        plan = self.story.sync()
        again = self.story.words(self.story.check())
        assert again == [it for it in _told(plan) if it.startswith("conflict")]
        library = self.story.library
        trash = [file.embedded or file.content for file in library.trash]
        columns = {"plan": _told(plan) or ["nothing"], "after": library.tree, "trash": trash}
        return [line for title, lines in columns.items() for line in _column(title, lines)]


def _told(plan: Plan) -> list[str]:
    return [f"{it.name} {short(it.path)} ({it.because.value})" for it in plan.actions]


def _column(title: str, lines: list[str]) -> list[str]:
    return [f"{'' if at else title:{WIDTH}}{line}" for at, line in enumerate(lines)]


# ------------------------------------------------------------ what happens


def _has(story: Story, said: str) -> None:
    lists = dict(it.split("=") for it in said.split(","))
    story.playlists = {name.strip(): tracks.split() for name, tracks in lists.items()}


def _synced(story: Story, said: str) -> None:
    _has(story, said)
    story.sync()
    assert story.check().actions == ()


def _called(story: Story, said: str) -> None:
    story.names |= dict(it.strip().split(" is called ") for it in said.split(","))


def _set(story: Story, key: str, said: str) -> None:
    story.policy = replace(story.policy, **SETTINGS[key](said))


def _one_recording(story: Story, one: str, other: str) -> None:
    for track in (one, other):
        story.track(track, title=one, isrc="QZAAA2600001")


def _move_folder(story: Story, old: str, new: str) -> None:
    library = story.library
    library.folders[new] = library.folders.pop(old)
    for path in [p for p in (*library.files, *library.links) if folder_of(p) == old]:
        library.rename(short(path), f"{new}/{path.rsplit('/', 1)[1]}")


def _put(story: Story, path: str, track: str | None = None) -> None:
    story.library.delete(path)
    story.library.put(path, f"id:{track}|yours" if track else "yours")


def _copy(story: Story, old: str, new: str) -> None:
    story.library.put(new, story.library.files[placed(old)].content)


def _link(story: Story, path: str, target: str) -> None:
    if "/" not in path:
        story.library.folder(path)
        story.library.no_folders.add(path)
        return
    story.library.delete(path)
    story.library.link(path, target)
    if target.startswith("/") and "gone" not in target:
        story.library.outside[target] = File(1, "yours", 1)


HAPPENINGS: dict[str, dict[str, Any]] = {
    "synced": {"(.*)": _synced},
    "settings": {"(.*) = (.*)": _set},
    "TIDAL": {
        "(.+ is called .+)": _called,
        "(.+) is titled (.+)": lambda story, track, title: story.track(track, title=title),
        "(.+) is unavailable": lambda story, track: story.track(track, available=False),
        "(.+) and (.+) are one recording": _one_recording,
        "the list of playlists is incomplete": lambda story: setattr(story, "complete", False),
        "(.+) is incomplete": lambda story, name: story.incomplete.update({name: "a page failed"}),
        "(.*=.*)": _has,
    },
    "you": {
        "put (.+) with the id of (.+)": _put,
        "put (.+)": _put,
        "delete (.+)": lambda story, path: story.library.delete(path),
        "damage (.+)": lambda story, path: story.library.put(path, "broken"),
        "copy (.+) to (.+)": _copy,
        "link (.+) to (.+)": _link,
        "close (.+)": lambda story, name: story.library.unreadable.update({name: "denied"}),
        "move ([^/]+) to ([^/]+)": _move_folder,
        "move (.+) to (.+)": lambda story, old, new: story.library.rename(old, new),
    },
}
