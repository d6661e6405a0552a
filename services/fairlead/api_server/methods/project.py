"""Rows of `project.ProjectService`."""

from fairlead.api_server.methods.method import OBJECT, Method
from fairlead.api_server.operations import project_token
from fairlead.api_server.operations.project import read, write
from fairlead.api_server.operations.project.requests import ProjectCreate, ProjectQuery, ProjectUpdate

_SERVICE = "/project.ProjectService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/List", run=read.list_all, ask=ProjectQuery),
    Method(rpc=f"{_SERVICE}/Get", run=read.get, ask=ProjectQuery),
    Method(rpc=f"{_SERVICE}/GetDetailedProject", run=read.get_detailed, ask=ProjectQuery),
    Method(rpc=f"{_SERVICE}/GetGlobalProjects", run=read.global_projects, ask=ProjectQuery),
    Method(rpc=f"{_SERVICE}/GetSyncWindowsState", run=read.sync_windows, ask=ProjectQuery),
    Method(rpc=f"{_SERVICE}/ListEvents", run=read.events, ask=ProjectQuery),
    Method(rpc=f"{_SERVICE}/ListLinks", run=read.links, ask=ProjectQuery),
    Method(rpc=f"{_SERVICE}/Create", run=write.create, ask=ProjectCreate, body_bytes=OBJECT),
    Method(rpc=f"{_SERVICE}/Update", run=write.update, ask=ProjectUpdate, body_bytes=OBJECT),
    Method(rpc=f"{_SERVICE}/Delete", run=write.delete, ask=ProjectQuery),
    Method(rpc=f"{_SERVICE}/CreateToken", run=project_token.create, ask=project_token.CreateRoleToken),
    Method(rpc=f"{_SERVICE}/DeleteToken", run=project_token.delete, ask=project_token.DeleteRoleToken),
)
