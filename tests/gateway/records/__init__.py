"""Events become records, are lost by nobody, and are forgotten in time."""
