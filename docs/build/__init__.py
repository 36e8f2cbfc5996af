"""Scripts that write the tables and pictures of the docs, and the measurements behind them."""
