"""Programs that no package of ours brings: a test that needs one is skipped by name where it is not installed."""

import shutil

import pytest


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)} (.ci/run installs it)")
