"""How Alembic runs our migrations: on the connection that storage.migrate hands over."""

from alembic import context

import storage.models  # noqa: F401  # fills the metadata
from storage.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
