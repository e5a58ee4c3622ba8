"""What both servers are built on: it knows no centre and no region."""
