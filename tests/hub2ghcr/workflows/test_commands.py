"""Images in scripts: the name alone is edited, where it is understood."""

from __future__ import annotations

import pytest

from . import migrated, script


def after(*lines: str) -> list[str]:
    text, done = migrated(script(*lines))
    assert done.problems == ()
    return [line.removeprefix(" " * 10) for line in text.splitlines()[-len(lines) :]]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("docker push acme/a:1", "docker push ghcr.io/acme/a:1"),
        ("docker push 'acme/a' \"acme/b\"", "docker push 'ghcr.io/acme/a' \"ghcr.io/acme/b\""),
        ("docker image push -q index.docker.io/acme/a", "docker image push -q ghcr.io/acme/a"),
        ("docker --context x push acme/a", "docker --context x push ghcr.io/acme/a"),
        ("sudo -E docker pull acme/a", "sudo -E docker pull ghcr.io/acme/a"),
        ("X=1 docker build -t acme/a --tag=acme/b:$X -f acme/Dockerfile acme/c",
         "X=1 docker build -t ghcr.io/acme/a --tag=ghcr.io/acme/b:$X -f acme/Dockerfile acme/c"),
        ("docker buildx build --push --cache-to type=registry,ref=acme/a:c -o type=image,name=acme/a,push=true .",
         "docker buildx build --push --cache-to type=registry,ref=ghcr.io/acme/a:c"
         " -o type=image,name=ghcr.io/acme/a,push=true ."),
        ("docker build --cache-from acme/a --build-context b=docker-image://node:20 -t x .",
         "docker build --cache-from ghcr.io/acme/a --build-context b=docker-image://ghcr.io/acme/mirror/node:20"
         " -t x ."),
        ("docker run --rm -it -v $PWD:/acme/b -e A=acme/c acme/a:1 docker push acme/d",
         "docker run --rm -it -v $PWD:/acme/b -e A=acme/c ghcr.io/acme/a:1 docker push acme/d"),
        ("docker inspect web acme/a; docker image inspect nginx",
         "docker inspect web ghcr.io/acme/a; docker image inspect nginx"),
        ("docker pull nginx; docker tag nginx acme/nginx; docker tag other acme/other",
         "docker pull ghcr.io/acme/mirror/nginx; docker tag ghcr.io/acme/mirror/nginx ghcr.io/acme/nginx;"
         " docker tag other ghcr.io/acme/other"),
        ("docker manifest create --amend acme/a acme/a:1",
         "docker manifest create --amend ghcr.io/acme/a ghcr.io/acme/a:1"),
        ("docker buildx imagetools create -t acme/a:2 acme/a:1 $(cat more)",
         "docker buildx imagetools create -t ghcr.io/acme/a:2 ghcr.io/acme/a:1 $(cat more)"),
        ("docker buildx bake --push --set '*.tags=acme/a'", "docker buildx bake --push --set '*.tags=ghcr.io/acme/a'"),
        ("podman push x docker://docker.io/acme/a", "podman push x docker://ghcr.io/acme/a"),
        ("buildah from node:20", "buildah from ghcr.io/acme/mirror/node:20"),
        ("skopeo copy docker://acme/a docker-archive:acme/b",
         "skopeo copy docker://ghcr.io/acme/a docker-archive:acme/b"),
        ("crane push acme.tar acme/a", "crane push acme.tar ghcr.io/acme/a"),
        ("crane mutate acme/a -t acme/b", "crane mutate ghcr.io/acme/a -t ghcr.io/acme/b"),
        ("regctl image copy acme/a acme/b", "regctl image copy ghcr.io/acme/a ghcr.io/acme/b"),
        ("cosign sign --yes --key k.pem acme/a@$D", "cosign sign --yes --key k.pem ghcr.io/acme/a@$D"),
        ("trivy image --severity HIGH acme/a", "trivy image --severity HIGH ghcr.io/acme/a"),
        ("/kaniko/executor --destination=acme/a:1", "/kaniko/executor --destination=ghcr.io/acme/a:1"),
        ("kubectl -n acme set image deploy/a c=acme/a:1", "kubectl -n acme set image deploy/a c=ghcr.io/acme/a:1"),
        ("helm upgrade a b --set image.repository=acme/a,x=acme/b",
         "helm upgrade a b --set image.repository=ghcr.io/acme/a,x=acme/b"),
        ("echo \"$(docker inspect acme/a)\"", "echo \"$(docker inspect ghcr.io/acme/a)\""),
        ("docker push quay.io/acme/a ghcr.io/acme/b localhost:5000/c",
         "docker push quay.io/acme/a ghcr.io/acme/b localhost:5000/c"),
        ("docker push $ID.dkr.ecr.eu-west-1.amazonaws.com/acme/a",
         "docker push $ID.dkr.ecr.eu-west-1.amazonaws.com/acme/a"),
        ("echo docker push acme/a # docker push acme/b", "echo docker push acme/a # docker push acme/b"),
        ("docker", "docker"),
        ("docker version", "docker version"),
        ("docker push acme/a${SUFFIX}:1", "docker push ghcr.io/acme/a${SUFFIX}:1"),
    ],
)  # fmt: skip
def test_a_command_changes_in_its_images_alone(before: str, expected: str) -> None:
    assert after(before) == [expected]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (["I=acme/a", "docker push $I:1", "./deploy $I"], ["I=ghcr.io/acme/a", "docker push $I:1", "./deploy $I"]),
        (["export I=\"acme/a\"", "docker push \"${I}\""], ["export I=\"ghcr.io/acme/a\"", "docker push \"${I}\""]),
        (["R=docker.io", "docker push $R/acme/a"], ["R=ghcr.io", "docker push $R/acme/a"]),
        (["O=acme", "docker push $O/a"], ["O=acme", "docker push ghcr.io/$O/a"]),
        (["N=a", "docker push acme/$N"], ["N=a", "docker push ghcr.io/acme/$N"]),
        (["docker push ${I:-acme/a}"], ["docker push ${I:-ghcr.io/acme/a}"]),
        (["for i in a b; do", "docker push acme/$i; done"], ["for i in a b; do", "docker push ghcr.io/acme/$i; done"]),
        (["for i in acme/a acme/b; do", "docker push $i; done"],
         ["for i in ghcr.io/acme/a ghcr.io/acme/b; do", "docker push $i; done"]),
        (["if x; then I=acme/a; else I=acme/b; fi", "docker push $I"],
         ["if x; then I=ghcr.io/acme/a; else I=ghcr.io/acme/b; fi", "docker push $I"]),
        # a variable that two uses want otherwise stays, and each is changed where it is used
        (["I=acme/a", "docker push docker.io/$I", "docker push $I"],
         ["I=acme/a", "docker push ghcr.io/$I", "docker push ghcr.io/$I"]),
        (["R=docker.io", "docker push $R/acme/a", "docker pull $R/bitnami/b"],
         ["R=docker.io", "docker push ghcr.io/acme/a", "docker pull $R/bitnami/b"]),
        (["docker build -t a .", "docker tag a acme/a", "docker run a"],
         ["docker build -t a .", "docker tag a ghcr.io/acme/a", "docker run a"]),
    ],
)  # fmt: skip
def test_a_variable_changes_where_it_is_set_if_that_suits_all_its_uses(before: list[str], expected: list[str]) -> None:
    assert after(*before) == expected


def test_what_a_step_writes_for_later_ones_is_followed() -> None:
    text, done = migrated(
        "on: push\njobs:\n  a:\n    runs-on: x\n    permissions: {packages: write}\n"
        "    outputs: {i: '${{ steps.s.outputs.i }}'}\n    steps:\n"
        '      - id: s\n        run: |\n          echo "i=acme/a" >> $GITHUB_OUTPUT\n'
        '          echo J=acme/b >> "$GITHUB_ENV"\n'
        "          echo '::set-output name=k::acme/c'\n"
        "      - run: docker pull $J; docker pull ${{ steps.s.outputs.k }}\n"
        "  b:\n    needs: a\n    runs-on: x\n    steps:\n      - run: docker pull ${{ needs.a.outputs.i }}\n"
    )
    assert "i=ghcr.io/acme/a" in text and "J=ghcr.io/acme/b" in text and "::ghcr.io/acme/c" in text
    assert "docker pull $J" in text and done.problems == ()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("docker login -u ${{ secrets.U }} -p ${{ secrets.P }}",
         "docker login -u ${{ github.actor }} -p ${{ secrets.GITHUB_TOKEN }} ghcr.io"),
        ("echo ${{ secrets.P }} | docker login --username=acme --password-stdin docker.io",
         "echo ${{ secrets.GITHUB_TOKEN }} | docker login --username=${{ github.actor }} --password-stdin ghcr.io"),
        ("docker login -u acme --password-stdin <<< '${{ secrets.P }}'",
         "docker login -u ${{ github.actor }} --password-stdin ghcr.io <<< '${{ secrets.GITHUB_TOKEN }}'"),
        ("printf '%s' \"${{ secrets.P }}\" | podman login -u acme --password-stdin https://index.docker.io/v1/",
         "printf '%s' \"${{ secrets.GITHUB_TOKEN }}\" | podman login -u ${{ github.actor }} --password-stdin ghcr.io"),
        ('docker login -u "$U" -p "${{ secrets.P }}" > /dev/null',
         'docker login -u "${{ github.actor }}" -p "${{ secrets.GITHUB_TOKEN }}" ghcr.io > /dev/null'),
        ("crane auth login index.docker.io -u acme -p ${{ secrets.P }}",
         "crane auth login ghcr.io -u ${{ github.actor }} -p ${{ secrets.GITHUB_TOKEN }}"),
    ],
)  # fmt: skip
def test_a_script_signs_in_to_ghcr(before: str, expected: str) -> None:
    head = "on: push\njobs:\n  a:\n    runs-on: x\n    permissions: {packages: write}\n    steps:\n      - run: |\n"
    text, done = migrated(f"{head}          {before}\n          docker push acme/a\n")
    assert text == f"{head}          {expected}\n          docker push ghcr.io/acme/a\n"
    assert done.problems == ()
