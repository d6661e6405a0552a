"""Rows of `account.AccountService`."""

from fairlead.api_server.methods.method import CREDENTIALS, Method
from fairlead.api_server.operations import account, account_token
from fairlead.api_server.operations.session import Nothing

_SERVICE = "/account.AccountService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/CanI", run=account.can_i, ask=account.Question),
    Method(
        rpc=f"{_SERVICE}/UpdatePassword",
        run=account.update_password,
        ask=account.UpdatePassword,
        body_bytes=CREDENTIALS,
    ),
    Method(rpc=f"{_SERVICE}/ListAccounts", run=account.list_all, ask=Nothing),
    Method(rpc=f"{_SERVICE}/GetAccount", run=account.get, ask=account.AccountName),
    Method(rpc=f"{_SERVICE}/CreateToken", run=account_token.create, ask=account_token.CreateToken),
    Method(rpc=f"{_SERVICE}/DeleteToken", run=account_token.delete, ask=account_token.DeleteToken),
)
