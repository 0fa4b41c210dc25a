// Two vintages of an indicator either side of a curtain, that the hand or the arrow keys move.
// The other vintage is a second map over the first, which copies its view and takes no pointer.

import { element } from "./dom.js";
import * as layers from "./layers.js";
import { textes } from "./textes.js";

const HANDLE_PX = 40; // as in the style sheet

export class Curtain {
  /** @param {HTMLElement} stage element of the same size as the map, above it */
  constructor(stage) {
    this.stage = stage;
    this.map = null;
    this.ground = element("div", { class: "pm-rideau", "aria-hidden": "true" });
    this.line = element("div", { class: "pm-rideau__trait", "aria-hidden": "true" });
    this.left = element("div", { class: "pm-rideau__nom pm-rideau__nom--gauche" });
    this.right = element("div", { class: "pm-rideau__nom pm-rideau__nom--droite" });
    this.handle = element("input", {
      class: "pm-rideau__poignee", type: "range", min: 0, max: 100, step: 1, value: 50,
    });
    this.handle.addEventListener("input", () => this.place());
    this.parts = [this.ground, this.line, this.left, this.right, this.handle];
    for (const part of this.parts) part.hidden = true;
    stage.append(...this.parts);
  }

  /**
   * Draw the other vintage.
   * @param {object} main the map that leads
   * @param {object} data what Python shows, `rideau` among it
   * @param {{codes: string[], ranks: number[]}} values class of each code for the other vintage
   */
  show(main, data, values) {
    const { niveau, couleurs, choroplethe, rideau } = data;
    if (this.map === null || this.level !== niveau) {
      this.close();
      this.open(main, data);
    }
    this.rideau = rideau;
    this.left.textContent = rideau.gauche;
    this.right.textContent = rideau.droite;
    this.handle.setAttribute("aria-label", textes.rideau(rideau.gauche, rideau.droite));
    for (const part of this.parts) part.hidden = false;
    this.map.resize();
    this.place();
    const { map } = this;
    this.ready.then(() => {
      if (this.map !== map) return;
      layers.setStates(map, niveau, values, this.values, {
        classes: choroplethe.classes, ground: null, land: couleurs.terre,
      });
      this.values = { niveau, codes: values.codes };
    });
  }

  open(main, data) {
    this.level = data.niveau;
    this.values = null;
    this.main = main;
    // The colours alone, on our own land whatever the ground is.
    const style = layers.baseStyle(main.getSource("territoires").tiles[0], { ...data, fond: null });
    this.map = new main.constructor({
      container: this.ground,
      style,
      center: main.getCenter(),
      zoom: main.getZoom(),
      minZoom: main.getMinZoom(),
      maxZoom: main.getMaxZoom(),
      interactive: false,
      renderWorldCopies: false,
      attributionControl: false,
      fadeDuration: 0,
      refreshExpiredTiles: false,
      validateStyle: false,
    });
    layers.drawMissingImages(this.map, { ptceStyle: () => ({}) });
    this.map.getCanvas().removeAttribute("tabindex");
    this.ready = new Promise((resolve) => this.map.on("style.load", resolve));
    this.follow = () => this.map.jumpTo({ center: main.getCenter(), zoom: main.getZoom() });
    this.resized = () => this.place();
    main.on("move", this.follow);
    main.on("resize", this.resized);
  }

  /** Put the line where the handle is, and cut the other vintage there. */
  place() {
    if (this.map === null) return;
    const width = this.stage.clientWidth;
    const x = HANDLE_PX / 2 + (Number(this.handle.value) / 100) * (width - HANDLE_PX);
    this.line.style.left = `${x}px`;
    this.ground.style.clipPath = this.rideau?.autre === "gauche"
      ? `inset(0 ${width - x}px 0 0)` : `inset(0 0 0 ${x}px)`;
  }

  close() {
    for (const part of this.parts) part.hidden = true;
    if (this.map === null) return;
    this.main.off("move", this.follow);
    this.main.off("resize", this.resized);
    this.map.remove();
    this.map = null;
  }
}
