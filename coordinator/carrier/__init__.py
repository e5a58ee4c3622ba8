"""How requests reach centres and answers come back: one seam, Flower behind it."""
