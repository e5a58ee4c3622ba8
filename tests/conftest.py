"""What all tests share: no deadlines, as a busy machine is no defect; one thread for algebra."""

import os

# Before numpy is loaded. Two threads that wait for each other by spinning are many times slower
# than one whenever something else runs on the machine, as nodes and other tests do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import settings

settings.register_profile("wegwijs", deadline=None)
settings.load_profile("wegwijs")
