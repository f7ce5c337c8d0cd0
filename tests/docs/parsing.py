"""What is wrong with a command line of ours, asked of the real commands without running one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from hub2ghcr.cli import group


def problems(words: Sequence[str], *, whole: bool = True) -> Iterator[str]:
    """Yield what click would refuse of ``hub2ghcr WORDS``: commands, options, values of a choice, what is missing.

    Files are not looked for. With ``whole`` False the words come from a sentence, which may leave out what is required.
    """
    context = click.Context(group, info_name="hub2ghcr")
    rest = list(words)
    command: click.Command = group
    while isinstance(command, click.Group):
        opened, remaining = _parsed(command, context, rest)
        if isinstance(remaining, str):
            yield remaining
            return
        if not remaining:
            if whole and not opened:
                yield f"{context.command_path}: which command?"
            return
        name, *rest = remaining
        found = command.get_command(context, name)
        if found is None:
            yield f"{context.command_path}: no such command: {name!r}"
            return
        command, context = found, click.Context(found, info_name=name, parent=context)
    if "--help" in rest or "-h" in rest:
        return
    values, remaining = _parsed(command, context, rest)
    if isinstance(remaining, str):
        if whole or "requires an argument" not in remaining:
            yield remaining
        return
    if remaining:
        yield f"{context.command_path}: takes no further argument: {remaining[0]!r}"
    for parameter in command.get_params(context):
        given = values.get(str(parameter.name))
        absent = given is None or given == () or not isinstance(given, (str, list, tuple, bool, int))
        if whole and absent and parameter.required:
            yield f"{context.command_path}: lacks {parameter.human_readable_name}"
        elif not absent and not isinstance(parameter.type, click.Path | click.File):
            yield from _refused(parameter, context, given)


def _parsed(
    command: click.Command, context: click.Context, words: list[str]
) -> tuple[dict[str, object], list[str] | str]:
    try:
        values, rest, _ = command.make_parser(context).parse_args(list(words))
    except click.UsageError as error:
        return {}, f"{context.command_path}: {error.format_message()}"
    return values, rest


def _refused(parameter: click.Parameter, context: click.Context, given: object) -> Iterator[str]:
    try:
        parameter.type_cast_value(context, given)
    except click.BadParameter as error:
        yield f"{context.command_path}: {error.format_message()}"
