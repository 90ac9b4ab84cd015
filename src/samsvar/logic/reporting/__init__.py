"""What is told: a report as JSON, for the console, as JUnit, SARIF and a page. Each is a reading of the same value."""
