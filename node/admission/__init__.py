"""The only way out: programme, ledger, counted register, egress log."""
