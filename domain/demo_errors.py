"""Errors of the demonstration."""

from domain.errors import Conflict


class DemoDataDiffers(Conflict):
    """Another version of the program has played these data so far, and this one cannot take them up."""

    code = "demo_data_differs"
