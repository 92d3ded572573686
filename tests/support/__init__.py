"""What the tests stand on: databases, the simulated Discord, and checks every test shares."""
