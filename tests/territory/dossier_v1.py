"""The file of a search as version 1 wrote it, kept as it was: it must always open."""

FILE = r"""{
 "format": "dossier-perimetre",
 "version": 1,
 "enregistre_le": "2026-09-15",
 "auteur": "Une commune",
 "note": "Restauration\nscolaire",
 "phrase": "à 6 km à vol d’oiseau autour de Romans-sur-Isère (Drôme), commune entière comprise",
 "perimetre": {"format": "perimetre", "version": 1, "disques": [{"longitude": 5.052315,
  "latitude": 45.044212, "radius_km": 6.0, "code_commune": "26281"}]},
 "filtres": {"filieres": [], "familles": ["cooperative"], "siae_seulement": false,
  "employeurs_seulement": false, "filieres_presumees": true},
 "charte": {"format": "charte", "version": 1, "nom": "Charte d’essai", "auteur": "Essai",
  "axes": [{"id": "lieu", "libelle": "Lieu"}], "textes": [{"id": "deliberation",
  "titre": "Délibération", "auteur": "Conseil municipal", "date": "2026"}],
  "criteres": [{"id": "voisin", "axe": "lieu", "libelle": "à 12 km",
  "question": "Est-il à 12 km au plus ?", "preuve": "La distance à vol d’oiseau.",
  "regles": [{"colonne": "distance_km", "regle": "au_plus", "limite": 12.0}],
  "declaration": false, "textes": ["deliberation"], "poids": 2.0, "filieres": []}]},
 "preuves": [{"nom": "Groupe Archer", "code_insee": "26281", "critere": "voisin",
  "etat": "oui", "preuve": "visite du 3 mars", "date": "2026-03-03", "role": "acheteuse"}],
 "donnees": {"liste": "extrait-d408c102d5f1", "sources": ["ess_structures", "ess_aura"],
  "jour": null},
 "resultat": {"empreinte": "b91411032e250799", "fournisseurs": [{"siret": "",
  "nom": "Conserverie Mobile et Solidaire", "code_insee": "26281", "distance_km": 0.0},
  {"siret": "", "nom": "VTD – Veyret Technique Découpe", "code_insee": "26281",
  "distance_km": 0.0}, {"siret": "", "nom": "Bâti Nature", "code_insee": "26088",
  "distance_km": 5.366}]}
}
"""
