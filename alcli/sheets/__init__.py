"""What travels to labelers and back.

table       the formats there are; a new one is a file and a row here
base        a sheet on its way out
token       the row token that survives spreadsheets
answers     a returned file, its columns found
judging     which of its rows are taken, and why the others are not
rejects     the others, as a file that can be fixed and sent in again
"""
