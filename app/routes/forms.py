"""`POST /forms`: what is in the fields of a page?"""

from functools import partial

from fastapi import APIRouter

from app.bodies import ONE_PAGE, PageDep
from app.dependencies import CallDep
from app.predictions import of_page
from app.routes.predict import IMAGE, recognition
from app.schemas import Form
from model.forms import read_form

router = APIRouter(tags=["recognition"])


@router.post("/forms", **recognition("A page of fields", ONE_PAGE, *IMAGE, "invalid-template"))
async def forms(call: CallDep, page: PageDep) -> Form:
    """Read the fields of a scanned or photographed page, as a template describes it.

    A page that cannot be fitted to the template has no fields, and `aligned` says why.
    """
    image, template = page
    read = partial(read_form, image.data, template, limits=call.service.limits)
    found = await call.service.read(call, read)
    return of_page(Form(**found.members(), model=call.model.name), image)
