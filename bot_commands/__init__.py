"""What people can ask for: `table` lists it, `dispatch` finds the handler, one subject a file holds the handlers."""
