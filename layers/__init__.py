"""Turn tables into something seen or exported: maps, legends, files. No network, no Streamlit."""
