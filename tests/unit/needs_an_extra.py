"""Stands for a command whose extra was left out at installation."""

import not_installed_here  # type: ignore[import-not-found]  # noqa: F401 - that is the point
