"""Long trials: what goes away, is killed or runs full, again and again."""
