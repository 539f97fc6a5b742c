"""What people are told: in the product, by mail, by SMS."""
