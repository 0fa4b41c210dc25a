// The perimeter drawn over the map in SVG: following the hand costs no WebGL frame.

import { azimuth, destination, ring } from "./geodesy.js";
import { element, path, svg } from "./dom.js";
import { textes } from "./textes.js";

const EDGE_MARGIN = 14; // a handle closer than this to the border of the map is moved along the ring
const DETAIL_PX = 0.7; // an area of a whole region has more vertices than the screen has pixels
const MIN_GAP = 34; // handles never sit closer than this, however small the ring

export class Overlay {
  /** @param {HTMLElement} stage element of the same size as the map, above it */
  constructor(stage) {
    this.stage = stage;
    this.project = () => ({ x: 0, y: 0 });
    this.perimeter = null;
    this.bearing = 90;
    this.halo = svg("path", { class: "pm-trace__halo" });
    this.line = svg("path", { class: "pm-trace__ligne" });
    this.spoke = svg("line", { class: "pm-trace__rayon" });
    this.surface = svg("svg", { class: "pm-trace", "aria-hidden": "true" }, [
      this.halo,
      this.line,
      this.spoke,
    ]);
    this.centre = element("button", {
      type: "button",
      class: "pm-poignee pm-poignee--centre",
      "aria-label": textes.centreAide,
      title: textes.centreAide,
      hidden: true,
    });
    this.edge = element("div", {
      class: "pm-poignee pm-poignee--bord",
      role: "slider",
      tabindex: "0",
      "aria-label": textes.bord,
      title: textes.bordAide,
      "aria-valuemin": "0.1",
      "aria-valuemax": "300",
      hidden: true,
    });
    this.title = element("div", { class: "pm-etiquette" });
    this.makeup = element("ul", { class: "pm-bilan", hidden: true });
    this.label = element("div", { class: "pm-suivi", "aria-hidden": "true", hidden: true }, [
      this.title, this.makeup,
    ]);
    stage.append(this.surface, this.centre, this.edge, this.label);
  }

  /** Give the projection of the map: ([lon, lat]) → {x, y} in CSS pixels. */
  attach(project) {
    this.project = project;
    this.draw();
  }

  /**
   * @param {null | {lon, lat, rayon, contour?, libelle, bilan?, texte} | {zones, libelle}} perimeter
   *   contour is Python's outline of a disc; without it the ring is computed here. An area has
   *   zones (polygons: an outer ring, then holes) and nothing to take hold of.
   * @param {{pointer?: {x, y}, active?: boolean}} options pointer: where the label follows;
   *   active: in the hand, so that what the count is made of shows too
   */
  show(perimeter, { pointer = null, active = false, grips = true } = {}) {
    this.perimeter = perimeter;
    this.pointer = pointer;
    this.active = active;
    this.round = perimeter !== null && perimeter.zones === undefined;
    this.grips = grips && this.round;
    if (perimeter !== null) {
      this.outlines = this.round
        ? [perimeter.contour ?? ring(perimeter.lon, perimeter.lat, perimeter.rayon)]
        : perimeter.zones.flat();
      this.title.textContent = perimeter.libelle;
      const lines = active ? perimeter.bilan ?? [] : [];
      this.makeup.replaceChildren(...lines.map((text) => element("li", { text })));
      this.makeup.hidden = lines.length === 0;
    }
    if (this.round) {
      this.edge.setAttribute("aria-valuenow", perimeter.rayon);
      this.edge.setAttribute("aria-valuetext", perimeter.texte ?? perimeter.libelle);
    }
    this.draw();
  }

  /** Remember where the hand holds the ring, so that the handle stays there. */
  hold(centre, { lng, lat }) {
    this.bearing = azimuth(centre.lon, centre.lat, lng, lat);
  }

  draw() {
    const there = this.perimeter !== null;
    this.surface.classList.toggle("pm-trace--actif", Boolean(this.active));
    this.surface.style.display = there ? "" : "none";
    this.centre.hidden = !this.grips;
    this.edge.hidden = !this.grips;
    this.spoke.style.display = this.round ? "" : "none";
    this.label.hidden = !there;
    if (!there) return;
    const width = this.stage.clientWidth, height = this.stage.clientHeight;
    let data = "", top = null;
    for (const outline of this.outlines) {
      const points = [];
      for (const vertex of outline) {
        const p = this.project(vertex);
        if (top === null || p.y < top.y) top = p;
        if (points.length === 0 || apartBy(points.at(-1), p, DETAIL_PX)) points.push(p);
      }
      data += `${path(points)}Z`;
    }
    this.halo.setAttribute("d", data);
    this.line.setAttribute("d", data);
    this.placeLabel(top, width, height);
    if (this.round) this.placeGrips(width, height);
  }

  placeGrips(width, height) {
    const { lon, lat } = this.perimeter;
    const centre = this.project([lon, lat]);
    const grip = this.gripPosition(centre, width, height);
    for (const [name, value] of [
      ["x1", centre.x], ["y1", centre.y], ["x2", grip.x], ["y2", grip.y],
    ]) {
      this.spoke.setAttribute(name, value.toFixed(1));
    }
    place(this.centre, centre);
    place(this.edge, grip);
  }

  /** Where the edge handle goes: on the ring, inside the view if the ring crosses it. */
  gripPosition(centre, width, height) {
    const { lon, lat, rayon } = this.perimeter;
    const inside = (p) =>
      p.x > EDGE_MARGIN && p.y > EDGE_MARGIN &&
      p.x < width - EDGE_MARGIN && p.y < height - EDGE_MARGIN;
    let grip = null;
    for (let step = 0; step <= 36; step++) {
      for (const side of step === 0 ? [0] : [step * 5, -step * 5]) {
        const p = this.project(destination(lon, lat, this.bearing + side, rayon));
        grip ??= p;
        if (inside(p)) return apart(centre, p);
      }
    }
    return apart(centre, grip);
  }

  placeLabel(top, width, height) {
    const w = this.label.offsetWidth, h = this.label.offsetHeight;
    let x, y;
    if (this.pointer) {
      x = this.pointer.x + 16;
      y = this.pointer.y - h - 12;
      if (x + w > width - 6) x = this.pointer.x - w - 16;
    } else {
      x = top.x - w / 2;
      y = top.y - h - 8;
    }
    x = Math.max(6, Math.min(x, width - w - 6));
    y = Math.max(6, Math.min(y, height - h - 6));
    this.label.style.transform = `translate(${x.toFixed(0)}px, ${y.toFixed(0)}px)`;
    this.label.hidden =
      this.title.textContent === "" || (!this.pointer && !this.meetsView(width, height));
  }

  meetsView(width, height) {
    const box = this.line.getBBox();
    return box.x < width && box.y < height && box.x + box.width > 0 && box.y + box.height > 0;
  }
}

function place(node, p) {
  node.style.transform = `translate(${p.x.toFixed(1)}px, ${p.y.toFixed(1)}px)`;
}

function apartBy(p, q, reach) {
  return Math.abs(p.x - q.x) >= reach || Math.abs(p.y - q.y) >= reach;
}

/** Push the edge handle outwards when the ring is too small on screen for two handles. */
function apart(centre, p) {
  const dx = p.x - centre.x, dy = p.y - centre.y;
  const gap = Math.hypot(dx, dy);
  if (gap >= MIN_GAP) return p;
  const angle = gap > 0.01 ? Math.atan2(dy, dx) : 0;
  return { x: centre.x + MIN_GAP * Math.cos(angle), y: centre.y + MIN_GAP * Math.sin(angle) };
}
