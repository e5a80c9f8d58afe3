"""Which workspaces this process serves, and by whose token."""
