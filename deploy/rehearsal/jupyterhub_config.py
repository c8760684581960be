"""The rehearsal's JupyterHub: on this machine alone, for a class that is one operating-system user.

`python course.py hub` starts it in the folder that keeps its state, and passes ports, paths and passwords in the
environment. What it shares with a real hub, the class board among it, stands in ../jupyterhub_course.py.
"""

import os
import socket
import sys
from pathlib import Path

c = get_config()
here = Path(os.environ["COURSE"]) / "deploy/rehearsal"
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    os.environ["COURSE_BOARD"] = f"http://127.0.0.1:{free.getsockname()[1]}"
os.environ["COURSE_PYTHON"] = sys.executable  # with --here that is not .venv
load_subconfig(str(here.parent / "jupyterhub_course.py"))
port = int(os.environ["REHEARSAL_PORT"])
python = sys.executable

c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{port + 1}"  # fixed: there, seats that outlive a hub look for it
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{port + 2}"
c.ConfigurableHTTPProxy.command = [str(here / "node_modules/.bin/configurable-http-proxy")]
c.JupyterHub.pid_file = "hub.pid"

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ.pop("REHEARSAL_PASSWORD")  # popped: no seat inherits it
c.SharedPasswordAuthenticator.admin_password = os.environ.pop("REHEARSAL_ADMIN_PASSWORD")
c.Authenticator.admin_users = {"instructor"}
c.JupyterHub.load_groups = {"instructors": {"users": ["instructor"]}}  # who may see the class board
c.Authenticator.allow_all = True
c.Authenticator.username_pattern = r"[a-z][a-z0-9._-]{0,30}\Z"  # it becomes a folder
c.JupyterHub.template_vars = {
    "announcement_login": "Any name of letters and digits, and the password that <code>course.py hub</code> printed."
}

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(Path.cwd() / "seats/{username}")
c.Spawner.args = ["--ServerApp.allow_root=True"]  # in a container we are root
# through the proxy, which knows the board's port after a restart too; seats outlive the hub
c.Spawner.environment.update({"COURSE_BOARD_URL": f"http://127.0.0.1:{port}/services/board/"})
c.Spawner.mem_limit = "1G"  # told to the seat; only the spawners of real hubs hold it to that

with_hub = [python, str(here / "with_hub.py")]
c.JupyterHub.services.append(
    {"name": "idle-culler", "command": [*with_hub, python, "-m", "jupyterhub_idle_culler", "--timeout=7200"]}
)
c.JupyterHub.load_roles.append(
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
)
