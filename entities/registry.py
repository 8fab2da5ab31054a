"""The single door to the entities: every enum, table, schema, factory and database helper."""

# ruff: noqa: F403 - the door consists of star imports; each package lists its exports in __all__
from entities import database, enums, errors, factories, schemas, upgrade
from entities import factories as utils
from entities import models as orm
from entities.database import *
from entities.enums import *
from entities.errors import *
from entities.factories import *
from entities.models import *
from entities.schemas import *
from entities.upgrade import *

__all__ = ["database", "enums", "errors", "factories", "orm", "schemas", "upgrade", "utils"]
__all__ += database.__all__
__all__ += enums.__all__
__all__ += errors.__all__
__all__ += factories.__all__
__all__ += orm.__all__
__all__ += schemas.__all__
__all__ += upgrade.__all__
