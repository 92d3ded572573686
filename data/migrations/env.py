"""Runs migrations on the connection `data.migrating` hands over, inside its transaction."""

from alembic import context

from data.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=False,  # the transaction is ours
    render_as_batch=True,
)
context.run_migrations()
