"""Pages of fields: a scan and a template -> what is in each field, and which a person must look at.

template, image -> fitting (marks or ruling) -> fields (straightened, cleaned) -> network -> answers

`read_form` is what readers of forms use.
"""

from model.forms.errors import TemplateError
from model.forms.page import read_form, read_pixels
from model.forms.template import Template

__all__ = ["Template", "TemplateError", "read_form", "read_pixels"]
