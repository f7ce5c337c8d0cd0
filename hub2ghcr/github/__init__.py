"""GitHub: its REST API, its packages, and files that are brought to its repositories."""

from .client import PATIENCE, SECONDS, GitHub, api_root
from .packages import FoundPackage, Packages, Version
from .token import Token

__all__ = ["PATIENCE", "SECONDS", "FoundPackage", "GitHub", "Packages", "Token", "Version", "api_root"]
