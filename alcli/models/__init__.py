"""What learns: estimators by name, committees, calibration, and the saved bundle."""
