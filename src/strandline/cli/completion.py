"""completion: the script that makes a shell complete commands, options and playlist names."""

from __future__ import annotations

import click

from strandline.cli.options import Call, command

_VARIABLE = "_STRANDLINE_COMPLETE"


@command(
    "completion",
    example="strandline completion bash >> ~/.bashrc\n"
    "strandline completion zsh > ~/.zfunc/_strandline\n"
    "strandline completion fish > ~/.config/fish/completions/strandline.fish",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(call: Call, shell: str) -> None:
    """Print the completion script of your shell; it completes playlist names, too."""
    from click.shell_completion import get_completion_class

    from strandline.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None
    call.output.line(kind(cli, {}, "strandline", _VARIABLE).source())
