"""Moves everything that runs on Docker Hub images to GHCR, declaratively."""
