"""What is kept, and where: the protocol that services use, and its SQLAlchemy implementation."""
