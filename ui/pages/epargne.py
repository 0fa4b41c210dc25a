"""Page « Épargne et crédit »."""
import streamlit as st

st.title("Épargne et crédit", anchor=False)
