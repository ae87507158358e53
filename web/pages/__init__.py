"""One module for each area of the pages; each has a `router`."""

from fastapi import APIRouter

from web.pages import account, board, home, inbox, item, ledger, policies, sign_in, todo

ROUTERS: tuple[APIRouter, ...] = (
    account.router,
    board.router,
    home.router,
    inbox.router,
    item.router,
    ledger.router,
    policies.router,
    sign_in.router,
    todo.router,
)
"""Every area, alphabetical."""
