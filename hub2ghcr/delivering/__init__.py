"""What a stack brings to a repository: the publish workflow, and references to the old image in other files.

What is wanted is the content of the default branch. `look` tells what it lacks and where the proposal stands, and
writes nothing; `bring` writes it, by a pull request or a commit. What others have changed is shown, and stays.
"""

from .bringing import Brought, bring
from .delivery import Delivery, How
from .looking import Change, Look, look
from .mark import is_ours, marked

__all__ = ["Brought", "Change", "Delivery", "How", "Look", "bring", "is_ours", "look", "marked"]
