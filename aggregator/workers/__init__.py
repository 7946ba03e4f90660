"""Reading documents apart, in processes that may die.

A feed of 1.3 MB can crash the interpreter inside the XML parser, others hang it or eat its
memory. So documents are read in worker processes with limits on time, memory and files; what
happens there is one feed's failure and nobody else's. It is how the second core is used, too.

Whoever asks has a worker to itself until the answer is there: nothing is queued inside a
worker, so one that dies or hangs takes exactly one document with it.
"""
