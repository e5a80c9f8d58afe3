"""What Tandem remembers: models, the unit of work, the outbox and inbox tables, migrations."""
