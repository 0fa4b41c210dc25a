"""Périmètre's domain: French territories, perimeters, suppliers and indicators.

The package answers three questions about a place in France: which suppliers of the
économie sociale et solidaire lie within a perimeter, which PTCE are around, and how fragile
its inhabitants are before banks. It draws nothing and knows neither Streamlit nor folium.
"""

__version__ = "0.1.0"
