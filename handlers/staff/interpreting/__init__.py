"""The staff's side of the interpreter pool: requests, people, institutions, figures."""
