"""Where a stack or a fleet stands: progress, what is still on Docker Hub and why, what it takes, what happened.

A report is made of the plan and the lock, which are files, and of what was `Seen` of clusters, registries and the
engine; what was not looked at it names. `report` is pure: the same input gives the same one, in each of its forms.
"""

from .fleet_making import fleet_report
from .fleet_nouns import FleetReport
from .forms import FORMS, written
from .making import report
from .nouns import NotLooked, Report
from .seen import NOTHING, Seen

__all__ = ["FORMS", "NOTHING", "FleetReport", "NotLooked", "Report", "Seen", "fleet_report", "report", "written"]
