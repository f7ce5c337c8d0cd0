"""GitHub: its REST API, and files that are brought to its repositories."""

from .client import SECONDS, GitHub, api_root

__all__ = ["SECONDS", "GitHub", "api_root"]
