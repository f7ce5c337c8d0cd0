"""``hub2ghcr completion``: the script by which a shell completes commands, options, stacks and files."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print what SHELL has to read to complete commands, options, stacks and files at Tab.

    Read it where the shell starts: ~/.bashrc, ~/.zshrc (after `compinit`), ~/.config/fish/config.fish. The script asks
    the `hub2ghcr` on PATH at each Tab, so that it need not be made anew after an upgrade.

    \b
    Examples:
      eval "$(hub2ghcr completion bash)"
      hub2ghcr completion zsh > ~/.zfunc/hub2ghcr.zsh
      hub2ghcr completion fish | source
    """  # noqa: D301 click reads this very character
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # the choice names none that click has not
    click.echo(kind(click.get_current_context().find_root().command, {}, "hub2ghcr", "_HUB2GHCR_COMPLETE").source())
