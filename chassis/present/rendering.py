"""Pages from templates: an application's own, and those that all pages share."""

from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.present import labels

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_CSS = STATIC / "wegwijs.css"


def environment(own: Path) -> Environment:
    """Templates of the folder `own`, which may extend and import the shared ones."""
    made = Environment(
        loader=FileSystemLoader([own, _HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    version = sha256(_CSS.read_bytes()).hexdigest()[:12]
    made.globals |= {"bands": labels.bands, "css": f"/static/{_CSS.name}?v={version}"}
    return made
