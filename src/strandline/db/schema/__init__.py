"""The schema: models, new databases, upgrades, and what an earlier tool left."""
