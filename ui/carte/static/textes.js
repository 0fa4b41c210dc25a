// Every French sentence the map can say, and the French way of writing numbers.

const NBSP = "\u00a0";
const formatters = new Map();

/** A number as it is written in French: "12 345,6" (narrow no-break spaces between thousands). */
export function number(value, decimals = 0) {
  if (!formatters.has(decimals)) {
    formatters.set(
      decimals,
      new Intl.NumberFormat("fr-FR", {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
      }),
    );
  }
  return formatters.get(decimals).format(value);
}

/** "12,4 km": one decimal below 100 km, none above. */
export function kilometres(km) {
  return number(km, km < 99.95 ? 1 : 0) + NBSP + "km";
}

/** "34,2 %", "16 540 €", or the sentence for a missing value. */
export function quantity(value, unit, decimals) {
  if (value === null || value === undefined || Number.isNaN(value)) return textes.absente;
  return number(value, decimals) + (unit ? NBSP + unit : "");
}

/** "aucune structure", "1 structure", "37 structures". */
export function structures(count) {
  if (count === 0) return "aucune structure";
  return number(count) + NBSP + (count > 1 ? "structures" : "structure");
}

const LARGEST = 3; // trades named beside a count
const UNKNOWN_TRADE = "inconnue";

/**
 * What a count is made of, line by line: its main trades, those nobody knows, jobs. The size of an
 * establishment is a range: jobs are the fewest there can be, unknown sizes are counted apart.
 */
export function makeup({ total, staff, unknown, trades }) {
  const known = trades.filter(([name]) => name !== UNKNOWN_TRADE).slice(0, LARGEST);
  const [, untraded] = trades.find(([name]) => name === UNKNOWN_TRADE) ?? ["", 0];
  const lines = known.map(([name, count]) => `${name}${NBSP}: ${number(count)}`);
  if (untraded) lines.push(`filière inconnue${NBSP}: ${number(untraded)}`);
  if (total > unknown) {
    lines.push(`au moins ${number(staff)}${NBSP}${staff > 1 ? "emplois salariés" : "emploi salarié"}`);
  }
  if (unknown) lines.push(`effectif inconnu${NBSP}: ${structures(unknown)}`);
  return lines;
}

/** "1 sommet", "5 sommets". */
function sommets(count) {
  return number(count) + NBSP + (count > 1 ? "sommets" : "sommet");
}

const NAMED = 2; // PTCE named under the pointer; the others are counted

/** "PTCE, territoire « Var » : PHARE, Pôle Services et 3 autres". */
export function zone({ noms }, territoire) {
  const rest = noms.length - NAMED;
  const others = rest > 0 ? ` et ${rest} ${rest > 1 ? "autres" : "autre"}` : "";
  const where = `«${NBSP}${territoire}${NBSP}»`;
  return `PTCE, territoire ${where} : ${noms.slice(0, NAMED).join(", ")}${others}`;
}

export const textes = {
  absente: "donnée absente",
  carte: "Carte interactive",
  aide:
    "Flèches : déplacer. Plus et moins : zoomer. R : tracer un rayon de 10 km au centre de la carte. " +
    "Crochets ou Page précédente et Page suivante : changer le rayon. Entrée : valider le rayon, " +
    "ou lire ce qui est au centre. Z : dessiner une zone ; Espace pose alors un sommet au centre de " +
    "la carte, Majuscule et flèches déplacent finement, Retour arrière retire le dernier sommet, " +
    "Entrée ferme la zone. Suppr : supprimer le périmètre. Échap : annuler.",
  outils: "Outils de la carte",
  tracer: {
    nom: "Tracer un rayon",
    court: "Rayon",
    aide: "Appuyez au centre, glissez jusqu’au bord, relâchez (touche R)",
    annuler: "Annuler le tracé",
    annulerCourt: "Annuler",
  },
  zone: {
    nom: "Dessiner une zone",
    court: "Zone",
    aide: "Cliquez les sommets du contour, puis le premier d’entre eux pour fermer (touche Z)",
    annuler: "Annuler la zone",
    annulerCourt: "Annuler",
  },
  retirerSommet: "Retirer le dernier sommet",
  retirerSommetCourt: "Retirer",
  retirerSommetAide: "Retirer le dernier sommet (Retour arrière)",
  fermerZone: "Fermer la zone",
  fermerZoneAide: "Fermer la zone (Entrée)",
  supprimer: "Supprimer le périmètre",
  supprimerCourt: "Supprimer",
  zoomPlus: "Zoomer",
  zoomMoins: "Dézoomer",
  allerA: "Aller à",
  territoires: "Territoires",
  // Those of a zone go by number of vertices: none, one, two, three or more.
  consignes: {
    souris: {
      rayon: "Appuyez au centre, glissez jusqu’au bord, relâchez. Échap pour annuler.",
      zone: [
        "Cliquez le premier sommet de la zone. Échap pour annuler.",
        "Cliquez le sommet suivant. Retour arrière pour retirer le dernier.",
        "Cliquez le sommet suivant. Retour arrière pour retirer le dernier.",
        "Pour fermer la zone : cliquez le premier sommet, double-cliquez ou appuyez sur Entrée.",
      ],
    },
    tactile: {
      rayon: "Posez le doigt au centre, glissez jusqu’au bord, relâchez.",
      zone: [
        "Touchez le premier sommet de la zone. Deux doigts déplacent la carte.",
        "Touchez le sommet suivant.",
        "Touchez le sommet suivant.",
        "Pour fermer la zone, touchez le premier sommet.",
      ],
    },
  },
  centreAide: "Centre du périmètre : glissez, ou flèches, pour le déplacer",
  bord: "Rayon du périmètre",
  bordAide: "Rayon du périmètre : glissez, ou flèches, pour le changer",
  perimetreSupprime: "Périmètre supprimé.",
  traceAnnule: "Tracé annulé.",
  traceActif: "Mode tracé : appuyez au centre du rayon et glissez.",
  zoneActive:
    "Mode zone : cliquez les sommets, ou déplacez la carte avec les flèches et posez-les au " +
    "centre avec Espace. Entrée ferme la zone.",
  zoneAbandonnee: "Zone abandonnée.",
  zoneFermee: (count) => `Zone de ${sommets(count)}`,
  zoneTropCourte: "Il faut au moins trois sommets pour fermer la zone.",
  zonePleine: (most) => `La zone a déjà ${sommets(most)}, le plus possible : fermez-la.`,
  zoneCroisee:
    "Le contour se croise ou se touche : la zone reste ouverte. " +
    "Retirez un ou plusieurs sommets, puis fermez-la.",
  sommetPose: (count) => `Sommet ${number(count)} posé.`,
  sommetRetire: (count) =>
    count === 0 ? "Sommet retiré, la zone est vide." : `Sommet retiré, il en reste ${number(count)}.`,
  sommetDeja: "Un sommet est déjà posé ici.",
  legende: "Légende",
  ptce: "PTCE",
  fermer: "Fermer la liste",
  liste: "Structures à cet endroit",
  aLaCommune: "adresse inconnue, placée à la commune",
  nomEnRoute: "Nom en cours de lecture…",
  sansNoms: "Les noms n’ont pas pu être chargés.",
  cliquerListe: "Cliquez pour la liste",
  cliquerZoom: "Cliquez pour zoomer",
  auCentre: "Au centre de la carte",
  horsFrance: "hors des territoires connus",
  sansWebgl:
    "Ce navigateur ne peut pas dessiner la carte interactive (WebGL est absent ou désactivé). " +
    "La liste des structures et les champs « commune » et « rayon » font le même travail, " +
    "et « Carte simple », dans les réglages de la carte, ou la carte HTML à télécharger la montrent.",
  sansMoteur: "La carte n’a pas pu être chargée.",
  sansContours: "Les contours n’ont pas pu être chargés.",
  sansValeurs: "Les valeurs de l’indicateur n’ont pas pu être chargées.",
  en: (annee) => `En ${annee}`,
  rideau: (gauche, droite) =>
    `Rideau entre ${gauche}, à gauche, et ${droite}, à droite : flèches pour le déplacer`,
  sansCercles: "Les cercles n’ont pas pu être chargés.",
  cercles:
    "La surface d’un cercle est proportionnelle à la valeur. Zoomez : les cercles grandissent, et " +
    "ceux qui étaient trop petits pour être lus paraissent.",
  sansPoints: "Les points n’ont pas pu être chargés.",
  sansFond: (nom) => `Le fond ${nom} ne répond pas ; les contours restent affichés.`,
  reessayer: "Réessayer",
  chargement: "Chargement de la carte…",
};

/** MapLibre's own strings, so that nothing English shows up. */
export const locale = {
  "AttributionControl.ToggleAttribution": "Afficher les sources",
  "AttributionControl.MapFeedback": "Signaler une erreur sur la carte",
  "FullscreenControl.Enter": "Plein écran",
  "FullscreenControl.Exit": "Quitter le plein écran",
  "GeolocateControl.FindMyLocation": "Me localiser",
  "GeolocateControl.LocationNotAvailable": "Position indisponible",
  "LogoControl.Title": "MapLibre",
  "Map.Title": textes.carte,
  "Marker.Title": "Repère",
  "NavigationControl.ResetBearing": "Remettre le nord en haut",
  "NavigationControl.ZoomIn": textes.zoomPlus,
  "NavigationControl.ZoomOut": textes.zoomMoins,
  "Popup.Close": "Fermer",
  "ScaleControl.Feet": "pieds",
  "ScaleControl.Meters": "m",
  "ScaleControl.Kilometers": "km",
  "ScaleControl.Miles": "mi",
  "ScaleControl.NauticalMiles": "milles",
  "CooperativeGesturesHandler.WindowsHelpText": "Ctrl + molette pour zoomer sur la carte",
  "CooperativeGesturesHandler.MacHelpText": "⌘ + molette pour zoomer sur la carte",
  "CooperativeGesturesHandler.MobileHelpText": "Deux doigts pour déplacer la carte",
};
