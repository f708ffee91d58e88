"""How many labels each strategy saves: campaigns by a fixed protocol, beside recorded ones of other libraries."""
