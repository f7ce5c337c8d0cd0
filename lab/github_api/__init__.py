"""A stateful stand-in for GitHub's REST API: what the GitHub provider and the migration call, and nothing else.

Every route is an operation of GitHub's own OpenAPI description, of which ``openapi/`` holds an extract, and the tests
hold each request and each response to it. What GitHub refuses is refused here as well: there is no route that changes
a package's visibility, because GitHub has none. Paths below ``/_lab/`` are the lab's own, see ``admin.py``.
"""
