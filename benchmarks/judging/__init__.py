"""A judge of feed readers: the log of their requests in, one verdict for each rule out.

Pure, and the same for every reader: it knows nothing but the log. `log` says what a line of it
holds, `demands` which figures are demanded and why those, `judge` is where to begin.
"""
