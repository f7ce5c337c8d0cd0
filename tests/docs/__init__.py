"""The documentation: its commands, its pages, the site."""
