"""What is written for people to read: words and pictures that all pages share."""
