"""How centres come on the roster: TLS, invitations, approval, candidates, signed documents."""
