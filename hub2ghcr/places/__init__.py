"""Where images live, as data, and how they are found in files and said anew.

The table (`rows`) names for each kind of object and each format of file the paths of its images. `find` reads a file
by it, `edits` says how to write another image in the same place. What looks like an image where the table has no row is
found, too, with a note that says so: nothing is dropped, nothing is guessed.
"""

from .edits import edits
from .finding import find, spans
from .found import Found, Why
from .memory import InMemory, in_memory
from .rows import Place
from .table import BUILT_IN, Places

__all__ = ["BUILT_IN", "Found", "InMemory", "Place", "Places", "Why", "edits", "find", "in_memory", "spans"]
