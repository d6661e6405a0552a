"""Rows of `project.ProjectService`."""

from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations import project, project_token

_SERVICE = "/project.ProjectService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/List", run=project.list_all, ask=project.ProjectQuery),
    Method(rpc=f"{_SERVICE}/Get", run=project.get, ask=project.ProjectQuery),
    Method(rpc=f"{_SERVICE}/GetDetailedProject", run=project.get_detailed, ask=project.ProjectQuery),
    Method(rpc=f"{_SERVICE}/GetSyncWindowsState", run=project.sync_windows, ask=project.ProjectQuery),
    Method(rpc=f"{_SERVICE}/CreateToken", run=project_token.create, ask=project_token.CreateRoleToken),
    Method(rpc=f"{_SERVICE}/DeleteToken", run=project_token.delete, ask=project_token.DeleteRoleToken),
)
