"""What is used to work on the project; not a part of the distribution's package."""
