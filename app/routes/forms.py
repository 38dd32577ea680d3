"""`POST /forms`: what is in the fields of a page?"""

from fastapi import APIRouter, Request

from app.batcher import ThreadRecogniser
from app.bodies import ONE_PAGE, PageDep
from app.dependencies import ModelDep, ServiceDep
from app.errors import documented
from app.routes.predict import IMAGE, RECOGNITION
from app.schemas import Form
from model.forms import read_form

router = APIRouter(tags=["recognition"])


@router.post(
    "/forms",
    summary="A page of fields",
    response_model_exclude_unset=True,
    responses=documented(*RECOGNITION, *IMAGE, "invalid-template"),
    openapi_extra=ONE_PAGE,
)
async def forms(request: Request, service: ServiceDep, model: ModelDep, page: PageDep) -> Form:
    """Read the fields of a scanned or photographed page, as a template describes it.

    A page that cannot be fitted to the template has no fields, and `aligned` says why.
    """
    image, template = page
    recogniser = ThreadRecogniser(service.batcher, model.recogniser, service.settings.answer_seconds)

    def read() -> Form:
        found = read_form(image, template, recogniser, limits=service.limits)
        return Form(**found.members(), model=model.name)

    with service.admission.take():
        return await service.in_time(request, service.reading.run(read))
