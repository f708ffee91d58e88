"""Where each stopping rule would have ended campaigns whose whole course is known."""
