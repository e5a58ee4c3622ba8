"""What both databases are built on: transactions, migrations, settings and the audit log."""
