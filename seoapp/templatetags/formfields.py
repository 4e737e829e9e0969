"""`{{ field|control }}`: a form field's widget in the looks of the page's kit."""

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def control(field: BoundField) -> SafeString:
    """The widget with the class that its kind wants, marked when its value was refused."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return field.as_widget()
    name = "form-select" if isinstance(widget, forms.Select) else "form-control"
    name = "form-check-input" if isinstance(widget, forms.CheckboxInput) else name
    return field.as_widget(attrs={"class": f"{name} is-invalid" if field.errors else name})


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether the field is a group of boxes or buttons, which wants a legend instead of a label."""
    return isinstance(field.field.widget, forms.CheckboxSelectMultiple | forms.RadioSelect)
