"""The authority's desk: signs rosters and programmes, offline, with a memory of its own."""
