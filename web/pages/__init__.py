"""One module for each area of the pages; each has a `router`."""

from fastapi import APIRouter

from web.pages import (
    account,
    accounts,
    audit,
    board,
    calendar,
    deliveries,
    desk,
    desk_names,
    desk_release,
    home,
    inbox,
    item,
    ledger,
    models,
    policies,
    rounds,
    sheet,
    sign_in,
    step,
    todo,
    units,
)

ROUTERS: tuple[APIRouter, ...] = (
    account.router,
    accounts.router,
    audit.router,
    board.router,
    calendar.router,
    deliveries.router,
    desk.router,
    desk_names.router,
    desk_release.router,
    home.router,
    inbox.router,
    item.router,
    ledger.router,
    models.router,
    policies.router,
    rounds.router,
    sheet.router,
    sign_in.router,
    step.router,
    todo.router,
    units.router,
)
"""Every area, alphabetical."""
