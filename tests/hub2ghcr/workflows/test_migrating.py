"""Sign-ins, permissions, what is left for people, and what stays."""

from __future__ import annotations

import pytest
import yaml

from hub2ghcr.mapping import Exclusion, Mapping, Pattern, Rule
from hub2ghcr.workflows import Migration, migrate

from . import MAPPING, PATH, migrated, steps

LOGIN = (
    "- uses: docker/login-action@v3",
    "  with:",
    "    username: ${{ secrets.U }}",
    "    password: ${{ secrets.P }}",
)
PUSH = ("- uses: docker/build-push-action@v6", "  with:", "    push: true", "    tags: acme/shop:1")
JOB = (
    "on: push\n{0}jobs:\n  a:\n    runs-on: x # here\n{1}    steps:\n"
    "      - run: docker login ghcr.io\n      - run: docker push acme/a\n"
)


def problems(done: Migration) -> list[str]:
    return [str(each) for each in done.problems]


@pytest.mark.parametrize(
    ("top", "own", "expected"),
    [
        ("", "", ("", "    permissions:\n      contents: read\n      packages: write\n")),
        ("", "    permissions:\n      contents: write\n",
         ("", "    permissions:\n      contents: write\n      packages: write\n")),
        ("", "    permissions: {contents: read}\n", ("", "    permissions: {contents: read, packages: write}\n")),
        ("", "    permissions: {}\n", ("", "    permissions: {packages: write}\n")),
        ("", "    permissions: {packages: read}\n", ("", "    permissions: {packages: write}\n")),
        ("", "    permissions: write-all\n", ("", "    permissions: write-all\n")),
        ("permissions:\n  contents: read\n", "", ("permissions:\n  contents: read\n  packages: write\n", "")),
        ("permissions:\n  contents: read\n", "    permissions:\n      id-token: write\n",
         ("permissions:\n  contents: read\n", "    permissions:\n      id-token: write\n      packages: write\n")),
        ("permissions: {}\n", "", ("permissions: {}\n", "    permissions:\n      packages: write\n")),
        ("permissions: write-all\n", "", ("permissions: write-all\n", "")),
    ],
)  # fmt: skip
def test_a_job_that_pushes_may_write_packages(top: str, own: str, expected: tuple[str, str]) -> None:
    text, done = migrated(JOB.format(top, own))
    assert text == JOB.format(*expected).replace("acme/a", "ghcr.io/acme/a")
    assert done.problems == ()
    assert migrated(text)[0] == text


def test_rights_in_one_word_are_for_people_to_name() -> None:
    text, done = migrated(JOB.format("permissions: read-all\n", ""))
    assert text == JOB.format("permissions: read-all\n", "").replace("acme/a", "ghcr.io/acme/a")
    assert problems(done) == [
        f"{PATH}:2: permissions: read-all do not let it push to GHCR; name the rights, packages: write among them"
    ]


def test_a_right_that_is_none_is_told_and_not_named_a_second_time() -> None:
    """A key that stands twice would not be YAML; a property test found it."""
    text, done = migrated(JOB.format("permissions:\n  packages: []\n", ""))
    assert text == JOB.format("permissions:\n  packages: []\n", "").replace("acme/a", "ghcr.io/acme/a")
    assert problems(done) == [f"{PATH}:3: permissions: packages has no right; write packages: write"]


def test_the_last_line_of_a_file_may_lack_its_end() -> None:
    text, _ = migrated("on: push\njobs: {a: {steps: [{run: docker push acme/a}], runs-on: x, permissions: {a: read}}}")
    assert text.endswith("permissions: {a: read, packages: write}}}")
    text, _ = migrated("on: push\njobs:\n  a:\n    steps: [{run: docker push acme/a}]\n    runs-on: x")
    assert text.endswith("runs-on: x\n    permissions:\n      contents: read\n      packages: write")


def test_a_build_that_never_pushes_needs_no_right() -> None:
    text, done = migrated(
        steps(*PUSH).replace("push: true", "push: false").replace("packages: write", "contents: read")
    )
    assert "ghcr.io/acme/shop:1" in text and "packages" not in text and done.problems == ()


def test_a_sign_in_stays_where_its_job_still_pushes_to_docker_hub() -> None:
    _, done = migrated(steps(*LOGIN, *PUSH, "- run: docker push other/shop"))
    assert problems(done) == [
        f"{PATH}:7:15: signs in to Docker Hub, where docker.io/other/shop is still pushed to;"
        " sign in to ghcr.io here, or remove it with the secrets"
    ]


def test_a_sign_in_that_only_spared_pulls_goes_and_that_is_told() -> None:
    text, done = migrated(steps(*LOGIN, *PUSH, "- run: docker pull other/base"))
    assert "secrets.U" not in text and done.problems == ()
    assert (
        f"{PATH}:7:15: does not sign in to Docker Hub any more; its job pulls from there without: docker.io/other/base"
        in done.notes
    )


def test_a_sign_in_beside_one_to_ghcr_is_left_to_people() -> None:
    ghcr = [line.replace("${{ secrets.U }}", "x") for line in LOGIN[:3]]
    _, done = migrated(steps(*LOGIN, *ghcr, "    registry: ghcr.io", "    password: y", *PUSH))
    assert [each.what for each in done.problems] == ["signs in to Docker Hub, and to ghcr.io besides"]


def test_a_job_that_signs_in_nowhere_is_told() -> None:
    _, done = migrated(steps(*PUSH))
    assert [each.what for each in done.problems] == ["is pushed to GHCR now, and its job signs in nowhere"]


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ("- run: docker push ${{ secrets.U }}/shop", "variables decide its name: ${{ secrets.U }}/shop"),
        ("- run: docker push $(cat name)", "variables decide its name: $(cat name)"),
        ("- run: docker push \"$NAME\"", "variables decide its name: $NAME"),
        ("- run: docker compose push", "pushes what the Compose file names"),
        ("- run: curl https://hub.docker.com/v2/repositories/acme/shop/", "asks Docker Hub's API"),
        ("- run: make && docker run shop", "may be built by its job: shop"),
        ("- uses: peter-evans/dockerhub-description@v4", "writes an image's page on Docker Hub"),
        ("- uses: goreleaser/goreleaser-action@v6", "pushes what .goreleaser.yml names"),
        ("- uses: elgohr/Publish-Docker-Github-Action@v5\n        with: {password: p, name: acme/shop}",
         "signs in to Docker Hub, builds and pushes by itself"),
        ("- run: ./deploy docker.io/acme/shop:1",
         "looks like an image of Docker Hub, in a place that nothing is known of"),
        ("- uses: docker/login-action@v3\n        with: {registry-auth: '- registry: docker.io'}",
         "signs in to several registries at once"),
        ("- uses: docker/login-action@v3\n        with: {registry: , password: p}",
         "signs in to Docker Hub, by an empty registry"),
        ("- run: docker push acme/Shop", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_decided_is_listed_and_stays(step: str, what: str) -> None:
    before = steps(*LOGIN, step)
    text, done = migrated(before)
    assert text == before
    assert {each.what for each in done.problems} - {what} <= {
        "signs in to Docker Hub, and which images of its job move is not known",
        "signs in to Docker Hub, and no image of it is named here",
    }
    assert not what or what in {each.what for each in done.problems}


def test_a_name_made_of_a_secret_is_written_out_once_it_is_told() -> None:
    before = steps(*LOGIN, *PUSH).replace("acme/shop:1", "${{ secrets.U }}/shop:1,${{ vars.ORG }}/web")
    done = migrate({PATH: before.encode()}, MAPPING, told={"secrets.U": "acme", "vars.ORG": "acme"})
    (file,) = done.changed
    assert b"tags: ghcr.io/acme/shop:1,ghcr.io/${{ vars.ORG }}/web\n" in file.data
    assert done.problems == ()


def test_a_condition_on_a_secret_that_goes_is_a_problem() -> None:
    text = steps(*LOGIN, *PUSH).replace(
        "      - uses: docker/b", "      - if: ${{ secrets.P != '' }}\n        uses: docker/b"
    )
    _, done = migrated(text)
    assert problems(done) == [f"{PATH}:11: depends on secrets.P; ask for something else before it is removed"]


def test_an_exclusion_and_an_unknown_part_of_a_name_that_it_might_mean_are_respected() -> None:
    mapping = Mapping(
        (Rule.parse("docker.io/acme/*", "ghcr.io/acme/*"),), (Exclusion(Pattern.parse("docker.io/acme/old*"), "stays"),)
    )
    for image, moves in (("acme/older", False), ("acme/new$X", True), ("acme/$X", False), ("acme/old$X", False)):
        done = migrate({PATH: steps(f"- run: docker pull {image}").encode()}, mapping)
        assert bool(done.changed) is moves, image


def test_a_callers_rights_are_its_own_to_give() -> None:
    text = steps(*LOGIN, *PUSH).replace("on: push", "on: workflow_call")
    _, done = migrated(text)
    assert f"{PATH}: is called from elsewhere: each caller must grant its job packages: write" in done.notes


def test_a_workflow_of_another_repository_that_gets_a_secret_of_docker_hub_is_told() -> None:
    _, done = migrated(
        "on: push\njobs:\n  a:\n    uses: acme/ci/.github/workflows/build.yml@v1\n"
        "    secrets: {token: '${{ secrets.DOCKERHUB_TOKEN }}'}\n"
    )
    assert [each.what for each in done.problems] == ["hands a secret of Docker Hub to a workflow that is not here"]


DEPENDABOT = ".github/dependabot.yml"
HUB = "version: 2\nregistries: {hub: {type: docker-registry, url: https://registry.hub.docker.com}}\nupdates: []\n"


def test_dependabot_gets_a_registry_of_ghcr_and_its_secret_is_told() -> None:
    done = migrate({DEPENDABOT: HUB.encode()}, MAPPING)
    assert problems(done) == [
        f"{DEPENDABOT}:2:14: Dependabot reads tags of GHCR with a secret of its own: 'CR_PAT'; set its value: "
        "`dependabotSecrets: {CR_PAT: CREDENTIAL}` of the repository, with read:packages"
    ]
    (file,) = done.files
    assert yaml.safe_load(file.data)["registries"] == {
        "ghcr": {
            "type": "docker-registry",
            "url": "https://ghcr.io",
            "username": "x-access-token",
            "password": "${{ secrets.CR_PAT }}",
        },
        "hub": {"type": "docker-registry", "url": "https://registry.hub.docker.com"},
    }
    again = migrate({DEPENDABOT: file.data}, MAPPING)
    assert (again.problems, again.changed) == ((), ())


def test_a_name_that_is_taken_is_not_used_again() -> None:
    taken = HUB.replace("{hub:", "{ghcr: {type: npm-registry, url: https://npm.acme.io}, hub:")
    (file,) = migrate({DEPENDABOT: taken.encode()}, MAPPING).files
    assert list(yaml.safe_load(file.data)["registries"]) == ["ghcr", "ghcr-io", "hub"]


@pytest.mark.parametrize("said", ['"*"', "[other]", "[a, {b: c}]"])
def test_updates_that_name_no_registry_of_docker_hub_stay(said: str) -> None:
    text = HUB.replace("updates: []", f"updates: [1, {{package-ecosystem: docker, registries: {said}}}]")
    (file,) = migrate({DEPENDABOT: text.encode()}, MAPPING).files
    assert f"registries: {said}}}]" in file.data.decode()


def test_what_is_no_workflow_is_passed_over_and_broken_yaml_is_told() -> None:
    files = {
        "compose.yaml": b"services: {a: {image: acme/a}}\n",
        "x.yml": b"[]\n",
        PATH: b"a: [\n",
        "action.yml": b"a: b\n",
    }
    done = migrate(files, MAPPING)
    assert done.files == () and len(done.problems) == 1 and problems(done)[0].startswith(PATH)


def test_actions_that_call_each_other_without_end_are_read_once() -> None:
    action = "runs:\n  using: composite\n  steps:\n    - uses: ./a\n    - run: docker push acme/a\n      shell: bash\n"
    files = {"a/action.yml": action, PATH: steps("- run: docker login ghcr.io", "- uses: ./a")}
    done = migrate({path: text.encode() for path, text in files.items()}, MAPPING)
    assert [each.place for each in done.changed] == ["a/action.yml"]


def test_two_callers_that_want_one_step_otherwise_are_both_left() -> None:
    step = "    - run: docker pull ${{ inputs.r }}/acme/a\n      shell: bash\n"
    action = f"inputs: {{r: {{}}}}\nruns:\n  using: composite\n  steps:\n{step}"
    caller = steps("- uses: ./a", "  with: {r: docker.io}", "- uses: ./a", "  with: {r: quay.io}")
    done = migrate({"a/action.yml": action.encode(), PATH: caller.encode()}, MAPPING)
    (file,) = done.changed
    assert file.data == caller.replace("docker.io", "ghcr.io").encode()


def test_a_job_that_signs_in_to_what_a_variable_says_is_told() -> None:
    _, done = migrated(steps(*LOGIN, "    registry: ${{ vars.REGISTRY }}", *PUSH))
    assert [each.what for each in done.problems] == [
        "is pushed to GHCR now, and its job signs in to what a variable says"
    ]


def test_two_sources_that_would_share_a_target_stay() -> None:
    mapping = Mapping((*MAPPING.rules, Rule.parse("docker.io/old/*", "ghcr.io/acme/*")))
    done = migrate({PATH: steps("- run: docker pull acme/a; docker pull old/a; docker pull acme/b").encode()}, mapping)
    (file,) = done.changed
    assert b"docker pull acme/a; docker pull old/a; docker pull ghcr.io/acme/b" in file.data
    assert [each.what for each in done.problems] == ["two sources would share one target"]


def test_a_job_is_read_behind_those_that_it_needs() -> None:
    text, done = migrated(
        "on: push\njobs:\n  b:\n    needs: [a]\n    runs-on: x\n    steps:\n"
        "      - run: docker pull ${{ needs.a.outputs.i }}\n"
        "  a:\n    runs-on: x\n    outputs: {i: '${{ steps.s.outputs.i }}'}\n    steps:\n"
        "      - id: s\n        run: echo i=acme/a >> $GITHUB_OUTPUT\n"
    )
    assert "echo i=ghcr.io/acme/a >>" in text and done.problems == ()


def test_what_a_step_that_may_be_passed_over_sets_is_one_of_two_values() -> None:
    text, done = migrated(
        steps(
            "- run: echo I=acme/a >> $GITHUB_ENV",
            "- run: echo I=acme/b >> $GITHUB_ENV",
            "  if: github.ref_type == 'tag'",
            "- run: docker pull $I",
        )
    )
    assert "echo I=ghcr.io/acme/a" in text and "echo I=ghcr.io/acme/b" in text and done.problems == ()


def test_scripts_of_other_languages_are_not_read() -> None:
    before = steps("- run: docker pull acme/a", "  shell: python")
    assert migrated(before)[0] == before


def test_a_variable_that_only_a_program_reads_is_listed() -> None:
    before = steps(*LOGIN, "- run: make push", "  env: {IMAGE: 'acme/shop:1'}")
    text, done = migrated(before)
    assert text == before
    assert "looks like an image of Docker Hub, in a place that nothing is known of" in {
        each.what for each in done.problems
    }


def test_what_a_job_builds_itself_is_not_told_to_be_pulled() -> None:
    _, done = migrated(steps("- run: docker build -t acme/a .; docker run acme/a; docker run acme/b"))
    assert [note.split(": ")[1].split()[0] for note in done.notes if "without signing in" in note] == ["ghcr.io/acme/b"]


def test_what_is_pushed_to_ghcr_under_a_name_that_a_variable_says_may_be_the_same() -> None:
    before = steps(*LOGIN, "- run: docker push acme/shop; docker push ghcr.io/${{ github.repository }}")
    text, done = migrated(before)
    assert text == before and done.problems == ()
    assert done.notes == (f"{PATH}: pushes to Docker Hub and GHCR already, and is left alone with docker.io/acme/shop",)


def test_an_action_that_nobody_here_calls_tells_what_its_callers_must_have() -> None:
    action = b"runs:\n  using: composite\n  steps:\n    - run: docker push acme/a\n      shell: bash\n"
    done = migrate({"action.yml": action}, MAPPING)
    assert "action.yml: each job that calls it must have packages: write" in done.notes


def test_variables_that_tee_writes_and_several_values_of_one_are_followed() -> None:
    text, done = migrated(
        steps(
            "- run: |",
            '    if x; then I=acme/a; else I=acme/b; fi; echo "I=$I" | tee -a "${GITHUB_ENV}"',
            '    echo "LIST=${LIST:+${LIST},}acme/c" >> $GITHUB_ENV',
            "- run: docker pull $I",
        )
    )
    assert "I=ghcr.io/acme/a; else I=ghcr.io/acme/b; fi; echo" in text and "docker pull $I" in text
    assert done.problems == ()


def test_githubs_token_is_sent_nowhere_else() -> None:
    """Where the registry cannot be written, or a variable is used by a sign-in that stays, credentials stay, too."""
    escaped = '- run: "docker login -u \\"$U\\" -p \\"$P\\""'
    _, done = migrated(steps(escaped, "  env: {U: a, P: '${{ secrets.P }}'}", "- run: docker push acme/a"))
    (file,) = done.changed
    assert b"GITHUB_TOKEN" not in file.data
    assert [each.what for each in done.problems] == ["cannot sign in to GHCR as it is written"]

    two = (
        "on: push\nenv: {P: '${{ secrets.P }}'}\njobs:\n"
        "  a:\n    runs-on: x\n    steps:\n      - run: docker login -u a -p $P; docker push acme/a\n"
        "  b:\n    runs-on: x\n    steps:\n      - run: docker login -u a -p $P; docker push other/b\n"
    )
    text, _ = migrated(two)
    assert "env: {P: '${{ secrets.P }}'}" in text and "docker login -u a -p $P; docker push other/b" in text
    assert "-p ${{ secrets.GITHUB_TOKEN }} ghcr.io; docker push ghcr.io/acme/a" in text


def test_a_step_that_signs_in_to_several_registries_or_for_several_jobs_moves_as_a_whole_or_not_at_all() -> None:
    matrix = (
        "on: push\njobs:\n  a:\n    runs-on: x\n    strategy: {matrix: {r: [docker.io, quay.io]}}\n    steps:\n"
        "      - uses: docker/login-action@v3\n"
        "        with: {registry: '${{ matrix.r }}', username: u, password: '${{ secrets.P }}'}\n"
        "      - run: docker push acme/a\n"
    )
    text, done = migrated(matrix)
    assert "GITHUB_TOKEN" not in text and "[docker.io, quay.io]" in text
    assert [each.what for each in done.problems] == ["signs in to several registries"]

    action = (
        b"runs:\n  using: composite\n  steps:\n    - uses: docker/login-action@v3\n"
        b"      with: {username: u, password: p}\n"
    )
    jobs = "".join(
        f"  {job}:\n    runs-on: x\n    steps:\n      - uses: ./login\n      - run: docker push {image}\n"
        for job, image in (("a", "acme/a"), ("b", "other/b"))
    )
    done = migrate({PATH: f"on: push\njobs:\n{jobs}".encode(), "login/action.yml": action}, MAPPING)
    assert [each.place for each in done.changed] == [PATH]
    assert [each.what for each in done.problems] == ["signs in for images that move and for others"]


def test_a_tag_that_metadata_ignores_keeps_no_image_from_its_move() -> None:
    text, done = migrated(
        steps(
            "- run: docker login ghcr.io; docker push $R/acme/a",
            "  env: {R: docker.io}",
            "- {id: m, uses: docker/metadata-action@v5, with: {images: 'acme/b:1'}}",
            "- {uses: docker/build-push-action@v6, with: {push: true, tags: '${{ steps.m.outputs.tags }}'}}",
            "- run: docker push acme/c:1:2",
        )
    )
    assert "env: {R: ghcr.io}" in text and "images: 'ghcr.io/acme/b:1'" in text and "docker push acme/c:1:2" in text
    assert done.problems == ()


def test_credentials_of_images_on_two_registries_stay() -> None:
    before = (
        "on: push\njobs:\n  a:\n    runs-on: x\n    strategy: {matrix: {i: [acme/a, quay.io/b/c]}}\n"
        "    container: {image: '${{ matrix.i }}', credentials: {username: u, password: '${{ secrets.P }}'}}\n"
        "    steps: []\n"
    )
    text, done = migrated(before)
    assert "secrets.P" in text and "ghcr.io/acme/a" in text
    assert [each.what for each in done.problems] == ["credentials of images that move and of others"]


def test_a_list_that_grows_keeps_what_it_held() -> None:
    text, _ = migrated(
        steps(
            "- run: echo L=acme/a | tee -a $GITHUB_ENV",
            '- run: echo "L=${L:+${L},}localhost:5000/b" >> $GITHUB_ENV',
            "- run: docker login ghcr.io",
            "- uses: docker/build-push-action@v6",
            "  with: {push: true, tags: '${{ env.L }}'}",
        )
    )
    assert "echo L=ghcr.io/acme/a |" in text


def test_a_variable_that_is_compared_with_something_keeps_its_value() -> None:
    before = (
        "on: push\njobs:\n  a:\n    runs-on: x\n    strategy: {matrix: {db: ['acme/pg:16', 'acme/my:8']}}\n"
        "    services:\n      db: {image: '${{ matrix.db }}'}\n    steps:\n"
        "      - run: make\n        if: matrix.db == 'acme/my:8'\n"
    )
    text, done = migrated(before)
    assert text == before.replace("'${{ matrix.db }}'", "'ghcr.io/${{ matrix.db }}'") and not done.problems
    free, _ = migrated(before.replace("matrix.db == 'acme/my:8'", "always()"))
    assert "['ghcr.io/acme/pg:16', 'ghcr.io/acme/my:8']" in free
    mixed, done = migrated(before.replace("'acme/my:8']", "'quay.io/a/my:8']"))
    assert "ghcr.io" not in mixed
    assert [each.what for each in done.problems] == ["shares a variable with an image that does not move the same way"]


def test_who_clashes_with_a_sign_in_that_stays_gives_way_to_that_and_to_no_other() -> None:
    login = "      - uses: docker/login-action@v3\n        with: {registry: '${{ env.R }}', username: a, password: b}\n"
    text, done = migrated(
        f"on: push\nenv: {{R: docker.io}}\njobs:\n  a:\n    runs-on: x\n    steps:\n{login}{login}"
        "  b:\n    runs-on: x\n    steps:\n"
        "      - {id: m, uses: docker/metadata-action@v5, with: {images: '${{ env.R }}/acme/b'}}\n"
        "      - uses: 'docker://${{ env.R }}/acme/b'\n"
        "      - {uses: docker/build-push-action@v6, with: {push: true, tags: '${{ steps.m.outputs.tags }}'}}\n"
    )
    assert "env: {R: docker.io}" in text and "images: 'ghcr.io/acme/b'" in text and "'docker://ghcr.io/acme/b'" in text
    assert not [each for each in done.problems if "shares a variable" in each.what], "the tags move with the images"
    assert migrated(text)[1].changed == ()


COMPARED = (
    "on: push\nenv: {IMAGE: acme/shop}\njobs:\n  a:\n    runs-on: x\n    outputs: {t: '${{ steps.m.outputs.tags }}'}\n"
    "    steps:\n      - {run: make, if: \"env.IMAGE == 'acme/shop'\"}\n"
    "      - {id: m, uses: docker/metadata-action@v5, with: {images: '${{ env.IMAGE }}'}}\n"
)
MADE_TAGS = (
    "      - {uses: docker/login-action@v3, with: {username: a, password: '${{ secrets.DOCKERHUB_TOKEN }}'}}\n"
    "      - {uses: docker/build-push-action@v6, with: {push: true, tags: '${{ TAGS }}'}}\n"
)


@pytest.mark.parametrize(
    ("between", "tags"),
    [("", "steps.m.outputs.tags"), ("  b:\n    needs: a\n    runs-on: x\n    steps:\n", "needs.a.outputs.t")],
)
def test_tags_that_an_action_makes_move_with_the_images_that_it_makes_them_of(between: str, tags: str) -> None:
    """The variable keeps its value, for something is compared with it, and is written anew where the action has it."""
    text, done = migrated(COMPARED + between + MADE_TAGS.replace("TAGS", tags))
    assert [each.what for each in done.problems] == []
    assert "env: {IMAGE: acme/shop}" in text and "images: 'ghcr.io/${{ env.IMAGE }}'" in text
    assert "registry: ghcr.io" in text and "packages: write" in text
