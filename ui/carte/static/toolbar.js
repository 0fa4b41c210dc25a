// The buttons around the map: drawing, deleting, zooming, jumping to a territory.

import { element, icon } from "./dom.js";
import { textes } from "./textes.js";

/** Boxes [west, south, east, north] of the territories one button away. */
export const TERRITORIES = [
  ["Métropole", [-5.2, 41.3, 9.6, 51.15]],
  ["Guadeloupe", [-61.85, 15.78, -60.97, 16.55]],
  ["Martinique", [-61.26, 14.36, -60.78, 14.91]],
  ["Guyane", [-54.65, 2.08, -51.55, 5.82]],
  ["La Réunion", [55.18, -21.42, 55.87, -20.84]],
  ["Mayotte", [44.98, -13.04, 45.33, -12.61]],
];

function button(label, title, className, glyph = null) {
  const node = element("button", { type: "button", class: `pm-bouton ${className}`, title });
  if (glyph) node.append(glyph);
  if (label) node.append(element("span", { text: label }));
  else node.setAttribute("aria-label", title);
  return node;
}

/** A button that starts a drawing, and abandons it while it is pressed. */
class Tool {
  constructor(words, className, glyph, action) {
    this.words = words;
    this.long = element("span", { class: "pm-bouton__long" });
    this.short = element("span", { class: "pm-bouton__court" });
    this.node = button(null, words.aide, className, glyph);
    this.node.append(this.long, this.short);
    this.node.addEventListener("click", action);
    this.press(false);
  }

  press(pressed) {
    const { nom, court, annuler, annulerCourt } = this.words;
    this.long.textContent = pressed ? annuler : nom;
    this.short.textContent = pressed ? annulerCourt : court;
    // The whole name, also where only the short one is written.
    this.node.setAttribute("aria-label", this.long.textContent);
    this.node.setAttribute("aria-pressed", String(pressed));
  }
}

export class Toolbar {
  /** @param {{draw, drawZone, remove, zoom(sign), goTo(box)}} actions */
  constructor(actions) {
    this.draw = new Tool(
      textes.tracer,
      "pm-bouton--principal",
      icon("M10 10m-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0", "M10 10l4.9-4.9", "M10 10h.01"),
      actions.draw,
    );
    this.drawZone = new Tool(
      textes.zone, "pm-bouton--zone", icon("M4 7l7-4 6 6-3 8-9-2z"), actions.drawZone,
    );
    this.remove = button(
      textes.supprimerCourt,
      textes.supprimer,
      "pm-bouton--supprimer",
      icon("M4 6h12", "M8 6V4h4v2", "M6 6l.7 10h6.6L14 6"),
    );
    this.remove.setAttribute("aria-label", textes.supprimer);
    this.remove.hidden = true;
    this.remove.addEventListener("click", actions.remove);
    const places = TERRITORIES.map(([name, box]) => {
      const node = button(name, `${textes.allerA}\u00a0: ${name}`, "pm-bouton--lieu");
      node.addEventListener("click", () => actions.goTo(box));
      return node;
    });
    this.bar = element("div", { class: "pm-barre", role: "group", "aria-label": textes.outils }, [
      element("div", { class: "pm-barre__tracer" }, [
        this.draw.node, this.drawZone.node, this.remove,
      ]),
      element(
        "div",
        { class: "pm-barre__lieux", role: "group", "aria-label": textes.territoires },
        places,
      ),
    ]);
    const plus = button(null, textes.zoomPlus, "pm-bouton--zoom", icon("M10 4v12", "M4 10h12"));
    const minus = button(null, textes.zoomMoins, "pm-bouton--zoom", icon("M4 10h12"));
    plus.addEventListener("click", () => actions.zoom(1));
    minus.addEventListener("click", () => actions.zoom(-1));
    this.zoom = element("div", { class: "pm-zoom" }, [plus, minus]);
  }

  /** @param {boolean} radius @param {boolean} zone what is being drawn, one at most */
  setArmed(radius, zone) {
    this.draw.press(radius);
    this.drawZone.press(zone);
  }

  setPerimeter(exists) {
    this.remove.hidden = !exists || this.readOnly;
  }

  setReadOnly(readOnly) {
    this.readOnly = readOnly;
    this.draw.node.hidden = readOnly;
    this.drawZone.node.hidden = readOnly;
    if (readOnly) this.remove.hidden = true;
  }

  setEnabled(enabled) {
    for (const node of [...this.bar.querySelectorAll("button")]) node.disabled = !enabled;
  }
}
