"""Help 帮助: the commonest things in three steps each, the unusual words, the keys. Also for who is not signed in."""

from contextlib import ExitStack

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.deps import ContainerDep, session_identity
from web.visit import Visit, anonymous_page

router = APIRouter()


@router.get("/help", name="help")
def show_help(request: Request, container: ContainerDep) -> Response:
    """The help, with links to what the visitor may open."""
    identity = session_identity(request, container)
    if identity is None or not identity.actor.memberships:
        return anonymous_page(request, "help/help.html", {})
    with ExitStack() as opened:
        return Visit(request, container, identity, opened).page("help/help.html")
