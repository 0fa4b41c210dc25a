// Streamlit writes a few words of its own in English and offers no other language; this table
// gives their French, on the page as on what a screen reader says.

const WORDS = new Map(Object.entries({
  "Skip to main content": "Aller au contenu principal",
  "App pages": "Pages du site",
  "Link to heading": "Lien vers ce titre",
  "Choose an option": "Choisir…",
  "Choose options": "Choisir…",
  "Select all": "Tout choisir",
  "No results": "Aucun résultat",
  "Open": "Ouvrir",
  "Close": "Fermer",
  "Clear value": "Effacer",
  "Clear all": "Tout effacer",
  "Copy to clipboard": "Copier",
  "Copied": "Copié",
  "Search": "Chercher",
  "Fullscreen": "Plein écran",
  "Add row": "Ajouter une ligne",
  "Delete row(s)": "Supprimer les lignes",
  "Close fullscreen": "Quitter le plein écran",
  "Download as CSV": "Télécharger en CSV",
  "Show/hide columns": "Montrer ou cacher des colonnes",
  "Sort ascending": "Trier par ordre croissant",
  "Sort descending": "Trier par ordre décroissant",
  "Autosize": "Ajuster la largeur",
  "Pin column": "Fixer la colonne",
  "Unpin column": "Libérer la colonne",
  "Hide column": "Cacher la colonne",
  "Format": "Format",
  "Automatic": "Automatique",
  "Localized": "Selon la langue",
  "Percent": "Pourcentage",
  "Scientific": "Scientifique",
  "Accounting": "Comptable",
  "Running...": "Calcul en cours…",
  "Running": "Calcul en cours",
  "Stop": "Arrêter",
  "Rerun": "Relancer",
  "Connecting": "Connexion en cours",
  "Connecting...": "Connexion en cours…",
  "Please wait...": "Veuillez patienter…",
  "Loading...": "Chargement…",
  "Connection error": "Connexion perdue",
  "Page not found": "Page introuvable",
  "Upload": "Choisir un fichier",
  "Drag and drop a file here": "Déposez le fichier ici",
  "Add files": "Changer de fichier",
  "Open sidebar": "Ouvrir le menu",
  "Close sidebar": "Fermer le menu",
}));

const ATTRIBUTES = ["aria-label", "title", "placeholder"];

function french(text) {
  const known = WORDS.get(text.trim());
  if (known !== undefined) return known;
  // "Search: title of the table": the table's title is already ours.
  const colon = text.indexOf(": ");
  const start = colon > 0 ? WORDS.get(text.slice(0, colon)) : undefined;
  if (start !== undefined) return `${start} : ${text.slice(colon + 2)}`;
  const about = /^(?:Help for|Remove|Clear) (.+)$/.exec(text);
  if (about && text.startsWith("Help for")) return `Aide : ${about[1]}`;
  if (about && text.startsWith("Remove")) return `Retirer ${about[1]}`;
  return undefined;
}

const BYTES = { B: "o", KB: "ko", MB: "Mo" };

/** What the file uploader writes around its figures. */
function ofUploader(text) {
  const size = /^([\d.]+)MB per file$/.exec(text.trim());
  const weight = /^([\d.]+)(B|KB|MB)$/.exec(text.trim());
  if (weight) return `${weight[1].replace(".0", "").replace(".", ",")} ${BYTES[weight[2]]}`;
  if (size) return `${Number(size[1])} Mo au plus`;
  if (/ files are not allowed\.$/.test(text)) return "Ce type de fichier n’est pas accepté.";
  if (/^File must be .* or smaller\.$/.test(text)) return "Ce fichier est trop gros.";
  return undefined;
}

function translateAttributes(element) {
  for (const name of ATTRIBUTES) {
    const value = element.getAttribute(name);
    const words = value === null ? undefined : french(value);
    if (words !== undefined && words !== value) element.setAttribute(name, words);
  }
}

function translateText(node) {
  const words = WORDS.get(node.nodeValue.trim()) ?? ofUploader(node.nodeValue);
  if (words !== undefined && words !== node.nodeValue) node.nodeValue = words;
}

function translate(root) {
  if (root.nodeType === Node.TEXT_NODE) {
    translateText(root);
    return;
  }
  if (root.nodeType !== Node.ELEMENT_NODE || root.closest(".perimetre-carte")) return;
  translateAttributes(root);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.TEXT_NODE) translateText(node);
    else translateAttributes(node);
  }
}

/** Translate the page, now and as it changes. */
export function speakFrench() {
  translate(document.documentElement);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") translateAttributes(change.target);
      else if (change.type === "characterData") translateText(change.target);
      else change.addedNodes.forEach(translate);
    }
  }).observe(document.documentElement, {
    subtree: true, childList: true, characterData: true,
    attributes: true, attributeFilter: ATTRIBUTES,
  });
}
