"""The author's desk: pages behind sign-in. Forms all the way down; scripts only make it quicker."""
