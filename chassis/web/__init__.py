"""What both servers answer over HTTP: headers, bodies, refusals and how often one may ask."""
