"""Turn tables into something seen or exported: maps, legends, tiles and files.

No network and no Streamlit here; what is made is bytes or text in memory.
"""
