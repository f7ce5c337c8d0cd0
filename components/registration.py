"""What failed is the engine's affair: the program registers all that it declares, whatever became of what it waits for.

Where a run goes on after a failure (``--continue-on-error``) the engine skips what depends on it, if it hears of that.
Pulumi's SDK (v3.256) raises in everything that waits for a resource that failed, so that it is never registered, and
ends the program with a traceback.
"""

from collections.abc import Sequence
from typing import Any

from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor


def leave_failures_to_the_engine() -> Sequence[str]:
    """Let the SDK take every answer to a registration for one: of what failed the outputs are unknown.

    Returns the URNs of what failed or was skipped, as they come. A program that ends well although there are any has
    the engine delete what it declares no more, from under what was skipped, and the state is broken (v3.256).
    """
    monitor: Any = get_monitor()
    register, failed = monitor.RegisterResource, list[str]()

    def registered(request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        answer: resource_pb2.RegisterResourceResponse = register(request)
        if answer.result != resource_pb2.SUCCESS:
            failed.append(answer.urn)
            answer.result, answer.unknown = resource_pb2.SUCCESS, True
        return answer

    monitor.RegisterResource = registered
    return failed
