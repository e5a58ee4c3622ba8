"""The public port: pages, API, enrolment, and of Flower the fleet calls only."""
