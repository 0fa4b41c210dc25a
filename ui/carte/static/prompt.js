// What to do now, written on the map while something is drawn, and the two buttons of a zone:
// without them a finger could take no vertex back.

import { element, icon } from "./dom.js";
import { textes } from "./textes.js";
import { FEWEST } from "./zone.js";

export class Prompt {
  /** @param {{undo: () => void, close: () => void}} actions */
  constructor(actions) {
    // The live region says the same: not read twice.
    this.box = element("div", { class: "pm-consigne", "aria-hidden": "true", hidden: true });
    this.undo = element(
      "button",
      {
        type: "button", class: "pm-bouton", "aria-label": textes.retirerSommet,
        title: textes.retirerSommetAide,
      },
      [icon("M7 4L3 8l4 4", "M3 8h9a4.5 4.5 0 0 1 0 9H8"), textes.retirerSommetCourt],
    );
    this.close = element(
      "button",
      { type: "button", class: "pm-bouton pm-bouton--principal", title: textes.fermerZoneAide },
      [textes.fermerZone],
    );
    this.undo.addEventListener("click", actions.undo);
    this.close.addEventListener("click", actions.close);
    this.steps = element(
      "div",
      { class: "pm-etapes", role: "group", "aria-label": textes.zone.nom, hidden: true },
      [this.undo, this.close],
    );
  }

  /** @param {boolean} radius @param {Zone} zone of which at most one is being drawn */
  show(radius, zone) {
    const touch = window.matchMedia("(pointer: coarse)").matches;
    const words = textes.consignes[touch ? "tactile" : "souris"];
    const stage = Math.min(zone.vertices.length, FEWEST);
    this.box.hidden = !radius && !zone.armed;
    this.box.textContent = zone.armed ? zone.warning ?? words.zone[stage] : words.rayon;
    this.box.classList.toggle("pm-consigne--refus", zone.warning !== null);
    this.steps.hidden = !zone.armed;
    this.undo.disabled = zone.vertices.length === 0;
    this.close.disabled = zone.vertices.length < FEWEST;
  }
}
