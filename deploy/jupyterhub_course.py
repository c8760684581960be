"""What any JupyterHub needs to know of the course; loaded by the rehearsal, and on one server from jupyterhub_config.d.

Kubernetes says the same in the words of its chart: kubernetes/values.yaml.
"""

import os
from pathlib import Path

c = get_config()
course = Path(os.environ.get("COURSE", "/srv/course"))

c.Spawner.cmd = [str(course / ".venv/bin/python"), str(course / "deploy/seat.py")]
c.Spawner.start_timeout = 120  # seconds; thirty seats may start in the same minute
c.Spawner.http_timeout = 120
