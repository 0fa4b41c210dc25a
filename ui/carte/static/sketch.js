// The zone being drawn, over the map in SVG: its vertices and the line that follows the pointer.

import { path, svg } from "./dom.js";

const FIRST_PX = 7;

export class Sketch {
  /** @param {HTMLElement} stage element of the same size as the map, above it */
  constructor(stage) {
    this.area = svg("path", { class: "pm-esquisse__aire" });
    this.halo = svg("path", { class: "pm-trace__halo" });
    this.line = svg("path", { class: "pm-esquisse__ligne" });
    this.next = svg("path", { class: "pm-esquisse__suite" });
    this.dots = svg("path", { class: "pm-esquisse__sommets" });
    this.hearts = svg("path", { class: "pm-esquisse__coeurs" });
    this.first = svg("circle", { class: "pm-esquisse__premier", r: FIRST_PX });
    this.surface = svg("svg", { class: "pm-trace pm-esquisse", "aria-hidden": "true" }, [
      this.area, this.halo, this.line, this.next, this.dots, this.hearts, this.first,
    ]);
    this.hide();
    stage.append(this.surface);
  }

  hide() {
    this.surface.style.display = "none";
  }

  /**
   * @param {{x, y}[]} vertices places on the screen
   * @param {null | {x, y}} tip where the next vertex would go
   * @param {{closable: boolean, closing: boolean}} state closing: the tip is on the first vertex
   */
  draw(vertices, tip, { closable, closing }) {
    this.surface.style.display = vertices.length ? "" : "none";
    if (vertices.length === 0) return;
    const [first] = vertices, last = vertices.at(-1);
    const end = closing ? first : tip;
    const drawn = path(vertices);
    this.area.setAttribute("d", `${path(end ? [...vertices, end] : vertices)}Z`);
    this.halo.setAttribute("d", drawn);
    this.line.setAttribute("d", drawn);
    // What is not settled yet: from the last vertex to the pointer, and back to the first one.
    this.next.setAttribute("d", path([last, ...(end ? [end] : []), ...(closable ? [first] : [])]));
    const dots = vertices.map((p) => `${path([p])}h0`).join(""); // round ends make them discs
    this.dots.setAttribute("d", dots);
    this.hearts.setAttribute("d", dots);
    this.first.setAttribute("cx", first.x.toFixed(1));
    this.first.setAttribute("cy", first.y.toFixed(1));
    this.first.classList.toggle("pm-esquisse__premier--vise", closing);
  }
}
