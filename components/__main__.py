"""Serves the package where the engine runs this folder itself: what is served is what is installed."""

from importlib import import_module

import_module("hub2ghcr_components.package").serve()
