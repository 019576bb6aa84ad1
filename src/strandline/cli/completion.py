"""completion: the script that makes a shell complete commands, options and playlist names."""

from __future__ import annotations

import os
import re
from typing import Any, ClassVar

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

from strandline.cli.options import Call, command
from strandline.cli.output import clean

VARIABLE = "_STRANDLINE_COMPLETE"


class _Lines(ShellComplete):
    """The line up to the cursor in COMP_LINE, answers as lines of ``type``, tab, value, tab, help.

    A value is told from its help by a tab, which no name keeps (``clean``). Scripts that click made
    give COMP_WORDS, and are answered as click does.
    """

    replaces_option: ClassVar[bool] = True
    """Whether the shell takes ``--option=value`` for one word."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the one that is being typed; quotes are taken off."""
        line = os.environ.get("COMP_LINE")
        if line is None:
            return super().get_completion_args()
        words = split_arg_string(line)[1:]
        if not words or (line[-1:].isspace() and not _is_open(line)):
            return words, ""
        return words[:-1], words[-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Click's; a value after ``--option=`` comes with that where the shell replaces both."""
        found = super().get_completions(args, incomplete)
        option = re.match(r"--[\w-]+=", incomplete)
        if option and self.replaces_option and "COMP_LINE" in os.environ:
            for item in found:
                item.value = f"{option[0]}{item.value}"
        return found

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """One line; the shell's script takes it apart."""
        if "COMP_LINE" not in os.environ:
            return super().format_completion(item)
        return f"{item.type}\t{clean(item.value)}\t{clean(item.help or '')}"


def _is_open(line: str) -> bool:
    """Whether a blank at the end belongs to a word: in quotes, or after a backslash."""
    return split_arg_string(f"{line}x")[-1] != "x"


class Bash(_Lines, BashComplete):
    """bash 4.4 and newer. What readline replaces begins after the last ``:`` or ``=``, or quote."""

    name: ClassVar[str] = "bash"
    replaces_option: ClassVar[bool] = False
    source_template: ClassVar[str] = r"""
%(complete_func)s() {
    local line type value help word quote="" before=""
    line="${COMP_LINE:0:COMP_POINT}"
    word="${COMP_WORDS[COMP_CWORD]}"
    COMPREPLY=()
    case "$word" in
        \"*) quote='"' ;;
        \'*) quote="'" ;;
    esac
    while IFS=$'\t' read -r type value help; do
        case "$type" in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                if [[ "$quote" == '"' ]]; then
                    value="${value//\\/\\\\}" value="${value//\"/\\\"}"
                    value="${value//\$/\\\$}" value="${value//\`/\\\`}"
                elif [[ "$quote" == "'" ]]; then
                    value="${value//\'/\'\\\'\'}"
                else
                    printf -v value '%%q' "$value"
                fi
                COMPREPLY+=("$value")
                ;;
        esac
    done < <(COMP_LINE="$line" %(complete_var)s=bash_complete "$1" 2>/dev/null)
    if [[ -z "$quote" ]]; then
        %(complete_func)s_after_breaks "$line"
    fi
}

# Take off what the line has already before the last : or =, as readline keeps that.
%(complete_func)s_after_breaks() {
    local typed="${1##*[^\\] }" kept i
    [[ "$COMP_WORDBREAKS" == *:* && "$typed" == *:* ]] || return
    [[ "$typed" == --*=* ]] && typed="${typed#*=}"
    kept="${typed%%"${typed##*:}"}"
    for i in "${!COMPREPLY[@]}"; do
        COMPREPLY[i]="${COMPREPLY[i]:${#kept}}"
    done
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Fish(_Lines, FishComplete):
    """fish quotes by itself."""

    name: ClassVar[str] = "fish"
    source_template: ClassVar[str] = r"""
function %(complete_func)s
    set -lx COMP_LINE (commandline -cp)
    set -lx %(complete_var)s fish_complete
    for completion in (%(prog_name)s 2>/dev/null)
        set -l parts (string split \t -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                printf '%%s\t%%s\n' $parts[2] $parts[3]
        end
    end
end

complete --no-files --keep-order --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class Zsh(_Lines, ZshComplete):
    """zsh quotes what ``compadd`` is given."""

    name: ClassVar[str] = "zsh"
    source_template: ClassVar[str] = r"""
#compdef %(prog_name)s
%(complete_func)s() {
    local line type value help
    local -a values shown answers others
    line="${(j: :)words[1,CURRENT-1]} ${QIPREFIX}${PREFIX}"
    answers=("${(@f)$(COMP_LINE="$line" %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")
    for completion in $answers; do
        IFS=$'\t' read -r type value help <<< "$completion"
        case "$type" in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            plain)
                values+=("$value")
                shown+=("$value${help:+  -- $help}")
                ;;
        esac
    done
    if (( $#values )); then
        compadd -U -V unsorted -l -d shown -a values
        # Of names that begin otherwise than what was typed zsh would keep what they share: nothing.
        others=(${values:#${PREFIX}*})
        if (( $#values > 1 && $#others )); then
            compstate[insert]='' compstate[list]='list force'
        fi
    fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""


SHELLS: tuple[type[_Lines], ...] = (Bash, Zsh, Fish)


def register() -> None:
    """Let click answer the shells in these words; before any command line is read."""
    for shell in SHELLS:
        add_completion_class(shell)


@command(
    "completion",
    example="strandline completion bash >> ~/.bashrc\n"
    "strandline completion zsh > ~/.zfunc/_strandline\n"
    "strandline completion fish > ~/.config/fish/completions/strandline.fish",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(call: Call, shell: str) -> None:
    """Print the completion script of your shell; it completes playlist names, too."""
    from strandline.cli.main import cli

    kind = next(one for one in SHELLS if one.name == shell)
    call.output.line(kind(cli, {}, "strandline", VARIABLE).source().strip())
