"""The nouns. Standard library only; every value is frozen and every time aware, in UTC."""
