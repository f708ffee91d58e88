"""Pictures and pages, as text: no library draws them, and they show without a network."""
