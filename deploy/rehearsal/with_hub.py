"""Run a service's command, and end it as soon as the hub is gone: python with_hub.py COMMAND ...

JupyterHub ends its services when it ends. Killed, it cannot, and the next one would find their ports taken.
"""

import os
import signal
import subprocess
import sys
import time

hub = os.getppid()
service = subprocess.Popen(sys.argv[1:])
for number in signal.SIGTERM, signal.SIGINT:
    signal.signal(number, lambda *_: service.terminate())
while service.poll() is None and os.getppid() == hub:
    time.sleep(0.2)
service.terminate()
sys.exit(service.wait())
