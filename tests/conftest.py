"""What all tests share: no deadlines, for a busy machine is not a defect."""

from hypothesis import settings

settings.register_profile("wegwijs", deadline=None)
settings.load_profile("wegwijs")
