"""Speed, as ratios within one run: ``python -m bench``. Not part of the product."""
