"""Official code lists and the words of the law: data and look-up, pure."""
