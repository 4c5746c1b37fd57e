"""From the run file to tables and pages."""
