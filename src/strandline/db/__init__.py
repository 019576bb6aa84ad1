"""The database: models, migrations, and the rows behind the three states."""
