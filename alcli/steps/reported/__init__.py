"""What a report shows, gathered: from the ledgers, from the model, from a sample of the pool."""
