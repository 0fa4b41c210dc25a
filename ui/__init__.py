"""The Streamlit pages: the only code that knows Streamlit."""
