"""Options that several commands have."""

from __future__ import annotations

import click

stack = click.option("-s", "--stack", required=True, metavar="STACK", help="The stack: stacks/Pulumi.STACK.yaml.")
