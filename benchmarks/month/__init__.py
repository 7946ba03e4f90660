"""A month of polling in a minute: thousands of publishers that lie, a clock that is moved.

The poller, the storage and what reads documents are the real ones. What is played is the
network, as a function of the virtual time, and the threads. `publisher` says what there is to
be read and when, `population` who does what, `reader` polls them, `owed` and `account` say what
should have come of it.
"""
