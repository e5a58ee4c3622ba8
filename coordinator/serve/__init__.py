"""What the public port serves: pages, API, enrolment, and of Flower the fleet calls only."""
