"""What HTML is safe, Markdown to HTML, HTML to plain text. Pure."""
