"""What travels to labelers and back.

table       the formats there are; a new one is a file and a row here
base        a sheet on its way out
token       the row token that survives spreadsheets
answers     a returned file, its columns found
judging     which of its rows are taken, and why the others are not
said        its answers beside each other, and beside those of before
verdict     what comes of it: answers, rejects, counts
rejects     the rejects as a file that can be put right and sent in again
"""
