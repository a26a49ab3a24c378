"""What must hold when things go wrong, shown with numbers: bots as processes of their own, broken on purpose."""
