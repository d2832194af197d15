"""Other solvers and `caseload`, paired on the same instances: see __main__.py."""
