"""GitHub: its REST API, and files that are brought to its repositories."""

from .client import PATIENCE, SECONDS, GitHub, api_root
from .token import Token

__all__ = ["PATIENCE", "SECONDS", "GitHub", "Token", "api_root"]
