"""The command line: parse, call one library function, print; a file per verb."""
