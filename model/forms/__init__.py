"""Pages of fields: a scan and a template -> what is in each field, and which a person must look at.

template, image -> fitting (marks or ruling) -> page (fields straightened, cleaned) -> network -> answers

`read_form` reads one page, `batch` many; `review` shows people what is doubtful, and `promise` finds from
what they said the confidence that keeps a promised error rate. `drafting` proposes templates.
"""

from model.forms.page import read_form, read_pixels
from model.forms.template import Template, TemplateError

__all__ = [
    "Template",
    "TemplateError",
    "batch",
    "drafting",
    "fitting",
    "promise",
    "read_form",
    "read_pixels",
    "review",
]
