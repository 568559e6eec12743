"""How fast and how robust the product is on this machine; clocks come from above, so that nothing here knows one."""
