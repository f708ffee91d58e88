"""What each part of a report says, from facts to sentences, pictures and tables."""
