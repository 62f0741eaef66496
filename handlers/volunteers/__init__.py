"""People who interpret: applying, their own page, and the offers they get."""
