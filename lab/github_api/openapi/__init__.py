"""The extract of GitHub's OpenAPI description, and how it is made."""
