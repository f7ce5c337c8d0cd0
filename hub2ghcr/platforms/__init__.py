"""The platforms whose nodes, projects, builds or updaters need more than the plain path: one package each."""
