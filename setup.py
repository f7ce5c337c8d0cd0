"""The packages of the wheel: the core as it is found, and ``components/`` under a name that is safe to install."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["hub2ghcr", "hub2ghcr.*"]), "hub2ghcr_components"],
    package_dir={"hub2ghcr_components": "components"},
    package_data={
        "hub2ghcr": ["py.typed", "**/*.yaml", "**/*.json", "**/*.sh", "**/*.html", "**/*.css"],
        "hub2ghcr_components": ["*.yaml", "**/*.yml"],
    },
)
