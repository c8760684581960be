"""What any JupyterHub needs to know of the course; loaded by the rehearsal, and on one server from jupyterhub_config.d.

Kubernetes says the same in the words of its chart: kubernetes/values.yaml.
"""

import os
from pathlib import Path

c = get_config()
course = Path(os.environ.get("COURSE", "/srv/course"))
python = os.environ.get("COURSE_PYTHON", str(course / ".venv/bin/python"))

c.Spawner.cmd = [python, str(course / "deploy/seat.py")]
c.Spawner.start_timeout = 120  # seconds; thirty seats may start in the same minute
c.Spawner.http_timeout = 120

# The class board: who is stuck, and on which mistake (docs/board.md). It is for the members of the group "instructors".
board = os.environ.get(
    "COURSE_BOARD", "http://127.0.0.1:999"
)  # where it listens: no learner can take a port below 1024
c.JupyterHub.services.append(
    {
        "name": "board",
        "url": board,
        "command": [python, str(course / "deploy/rehearsal/with_hub.py"), python, "-m", "board"],
        # in the hub's own folder, which is closed to learners
        "environment": {"COURSE_BOARD_FILE": str(Path.cwd() / "board.sqlite")},
        "cwd": str(course),
        "oauth_client_allowed_scopes": ["custom:board:read"],
        "oauth_no_confirm": True,
    }
)
c.JupyterHub.custom_scopes = {
    "custom:board:report": {"description": "Tell the class board what a check has said"},
    "custom:board:read": {"description": "See the class board, and the names behind it"},
}
c.JupyterHub.load_groups = {"instructors": {}}
instructor = ["custom:board:read", "access:services!service=board"]
c.JupyterHub.load_roles.append({"name": "instructor", "groups": ["instructors"], "scopes": instructor})
c.JupyterHub.load_roles.append({"name": "user", "scopes": ["self", "custom:board:report"]})
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", "custom:board:report"]
c.Spawner.environment.update({"COURSE_BOARD_URL": f"{board}/services/board/"})
