"""Project service: one module per thing people do with projects."""
