"""Whatever a workflow is made of: a second run changes nothing, and lines in which nothing moves stay as they are."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hub2ghcr.mapping import Mapping
from hub2ghcr.source import trees
from hub2ghcr.workflows import migrate
from hub2ghcr.workflows.project import project
from hub2ghcr.workflows.reading import jobs
from hub2ghcr.workflows.signing import host

from . import MAPPING, PATH

NAMES = st.sampled_from(
    [
        "acme/shop",
        "docker.io/acme/web",
        "nginx",
        "index.docker.io/library/redis",
        "ghcr.io/acme/x",
        "quay.io/a/b",
        "other/tool",
        "$I",
        "$R/acme/a",
        "acme/$N",
        "${{env.I}}",
        "${{env.R}}/acme/b",
        "${{secrets.S}}/c",
    ]
)
TAGS = st.sampled_from(["", ":1", ":$T", ":${{ github.sha }}", "@sha256:" + "0" * 64])
IMAGES = st.builds(lambda name, tag: name + tag, NAMES, TAGS)
SHAPES = (
    "docker push {0}",
    "docker pull '{0}' && docker tag {0} {1}",
    'docker build -t "{0}" --cache-from={1} .',
    "docker run --rm {0} x {1}",
    "I={0}; docker push $I",
    "skopeo copy docker://{0} docker://{1}",
    "echo {0} # {1}",
    "if x; then docker push {0}; fi",
    "for i in {0} {1}; do docker push $i; done",
    "cat <<E\n{0}\nE",
    "docker push $(cat x) {0}",
    "docker logout",
    "echo $P | docker login -u a --password-stdin",
    "docker login -u ${{{{ secrets.U }}}} -p ${{{{ secrets.P }}}}",
)
COMMANDS = st.builds(lambda shape, image, other: shape.format(image, other), st.sampled_from(SHAPES), IMAGES, IMAGES)


@st.composite
def step(draw: st.DrawFn) -> list[str]:
    image, other = draw(IMAGES), draw(IMAGES)
    commands = draw(st.lists(COMMANDS, min_size=1, max_size=3))
    shapes = [
        ["- run: |", *("    " + line for each in commands for line in each.split("\n"))],
        ["- uses: docker/build-push-action@v6", "  with:", f'    tags: "{image},{other}"', "    push: true"],
        ["- {id: m, uses: docker/metadata-action@v5, with: {", f"    images: '{image},{other}'", "  }}"],
        [
            "- id: m",
            "  uses: docker/metadata-action@v5",
            "  with:",
            "    images: |",
            f"      {image}",
            f"      name={other}",
        ],
        ["- uses: docker/build-push-action@v6", "  with: {push: true, tags: '${{ steps.m.outputs.tags }}'}"],
        ["- uses: docker/login-action@v3", "  with:", "    username: a   # who", "    password: ${{ secrets.P }}"],
        ["- uses: docker/login-action@v3", "  with: {registry: '${{ env.R }}', username: a, password: b}"],
        ["- uses: docker/login-action@v3", "  with: {registry: ghcr.io, username: a, password: b}"],
        [f"- uses: 'docker://{image}'", "- # nothing", "  name: x"],
    ]
    return draw(st.sampled_from(shapes))


@st.composite
def workflow(draw: st.DrawFn) -> bytes:
    lines = ["on: push", *draw(st.sampled_from([[], ["permissions: {}"], ["permissions:", "  contents: read"]]))]
    lines += [
        "env:",
        f"  I: {draw(st.sampled_from(['acme/i', 'docker.io/acme/i', 'quay.io/i']))}",
        "  R: docker.io",
        "  N: n",
        "  P: ${{ secrets.P }}",
        "jobs:",
    ]
    for job in draw(st.lists(st.sampled_from("ab"), min_size=1, max_size=2, unique=True)):
        lines += [f"  {job}:", "    runs-on: x", *draw(st.sampled_from([[], ["    permissions: {contents: read}"]]))]
        lines += draw(
            st.sampled_from([[], ["    container: {image: acme/c, credentials: {username: u, password: p}}"]])
        )
        lines += [
            "    steps:",
            *(f"      {line}" for each in draw(st.lists(step(), min_size=1, max_size=4)) for line in each),
        ]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return (end.join(lines) + draw(st.sampled_from(["", end]))).encode()


@given(workflow())
@settings(max_examples=300)
def test_a_second_run_changes_nothing_and_other_lines_stay(data: bytes) -> None:
    list(trees(data, PATH))  # what is made here is YAML
    done = migrate({PATH: data}, MAPPING)
    (file,) = done.files
    list(trees(file.data, PATH))
    again = migrate({PATH: file.data}, MAPPING)
    assert again.changed == ()
    after = iter(file.data.split(b"\n"))
    touched = {change.line for change in file.changes}
    for number, line in enumerate(data.split(b"\n"), 1):
        if number not in touched:
            assert any(line.rstrip(b"\r") == other.rstrip(b"\r") for other in after), line


@given(workflow())
@settings(max_examples=100)
def test_nothing_changes_where_nothing_is_mapped_but_problems_are_sorted(data: bytes) -> None:
    done = migrate({PATH: data}, Mapping(()))
    assert done.changed == ()
    assert [str(each) for each in done.problems] == sorted(str(each) for each in done.problems)


@given(workflow())
@settings(max_examples=200)
def test_githubs_token_is_never_sent_to_docker_hub(data: bytes) -> None:
    (file,) = migrate({PATH: data}, MAPPING).files
    for job in jobs(project({PATH: file.data}), {}):
        for sign in job.signs_in:
            if sign.password is not None and "GITHUB_TOKEN" in sign.password.text.shown:
                assert host(sign) == "ghcr.io"


BEFORE = sorted((Path(__file__).parent / "before").rglob("*.y*ml"))
ODD = ("[]", "{}", "~", '"', "'", "${{ x", "[a, {b: c}]", "|", "*a", "&a", "$(", "`", "\\", '"${', "- -", ": :", "\t")


@given(st.sampled_from(BEFORE), st.data())
@settings(max_examples=300)
def test_a_file_of_any_shape_is_migrated_or_told_and_never_broken(file: Path, data: st.DataObject) -> None:
    lines = file.read_text().split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at, odd = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.sampled_from(ODD))
        key, colon, _ = lines[at].partition(": ")
        changed = [[], [lines[at], lines[at]], [f"{key}{colon}{odd}"], [lines[at] + odd]]
        lines[at : at + 1] = data.draw(st.sampled_from(changed)) or [""]
    path = ".github/" + file.as_posix().partition(".github/")[2]
    done = migrate({path: "\n".join(lines).encode()}, MAPPING)
    assert not any("would not be YAML" in str(each) for each in done.problems)
    assert migrate({each.place: each.data for each in done.files}, MAPPING).changed == ()
