"""The map alone on a page, with invented points: for the browser tests only."""
