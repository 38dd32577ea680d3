"""What can be wrong with a template, or with a page that is to be fitted to one."""


class TemplateError(ValueError):
    """The template is not one; the message is one clear line that names the member."""


class NotFitted(Exception):
    """The page cannot be fitted to the template; the message says why."""
