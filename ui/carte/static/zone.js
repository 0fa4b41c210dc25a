// A zone in the hand: each click is a vertex, a click on the first one closes it; the same by
// keyboard at the centre of the map. The map keeps its own clicks, drags, wheel and fingers, so
// that it moves as always while a long outline is drawn. Only a closed zone sends a message.

import { round6 } from "./geodesy.js";
import { crossesItself } from "./polygon.js";
import { Sketch } from "./sketch.js";
import { textes } from "./textes.js";

export const FEWEST = 3;
const MOST = 200; // composant.py holds the same bounds
const SAME_PX = 5; // a second click as close as this is that of a double click
const CLOSING_PX = { mouse: 10, touch: 22 }; // reach of the first vertex
const QUIET = 500; // ms after the end during which the rest of a double click does nothing
const NUDGE_PX = 10;

export class Zone {
  /**
   * @param {object} host what the drawing needs: stage, complete(ring), say(text),
   *   changed() after each step, aim() to show the centre of the map
   */
  constructor(host) {
    this.host = host;
    this.map = null; // set by attach
    this.sketch = new Sketch(host.stage);
    this.vertices = []; // [lon, lat]
    this.armed = false;
    this.readOnly = false;
    this.tip = null; // where the next vertex would go: {x, y}, "centre" or, unknown, null
    this.timer = null;
    this.warning = null; // why the last step was refused
  }

  attach(map) {
    this.map = map;
    map.on("click", (event) => this.click(event));
    map.on("dblclick", (event) => this.doubleClick(event));
    map.on("mousemove", (event) => this.follow(event));
    map.on("mouseout", () => this.pointAt(null));
    map.on("move", () => this.paint());
    map.on("resize", () => this.paint());
  }

  /** True while a click on the map is not for reading it. */
  get busy() {
    return this.armed || this.timer !== null;
  }

  // ---- modes ------------------------------------------------------------------------------

  setReadOnly(readOnly) {
    this.readOnly = readOnly;
    if (readOnly) this.cancel();
  }

  arm() {
    if (this.readOnly || this.armed || this.map === null) return;
    this.setArmed(true);
    this.host.say(textes.zoneActive);
  }

  setArmed(armed) {
    this.armed = armed;
    this.vertices = [];
    this.tip = null;
    this.warning = null;
    clearTimeout(this.timer);
    this.timer = null;
    if (armed) {
      this.map.doubleClickZoom.disable();
      this.map.getCanvas().style.cursor = ""; // that of a structure under the pointer
    } else {
      this.timer = setTimeout(() => {
        this.timer = null;
        this.map.doubleClickZoom.enable();
      }, QUIET);
    }
    this.step();
  }

  /** Échap: abandon the zone; true when there was one. */
  cancel() {
    if (!this.armed) return false;
    this.setArmed(false);
    this.host.say(textes.zoneAbandonnee);
    return true;
  }

  destroy() {
    clearTimeout(this.timer);
  }

  // ---- pointer ----------------------------------------------------------------------------

  click({ point, originalEvent }) {
    if (!this.armed) return;
    const kind = originalEvent.pointerType === "touch" ? "touch" : "mouse";
    if (this.vertices.length >= FEWEST && this.near(point, 0, CLOSING_PX[kind])) {
      this.close();
      return;
    }
    this.tip = kind === "touch" ? null : point;
    if (!this.near(point, -1, SAME_PX)) this.add(point);
  }

  doubleClick(event) {
    if (!this.busy) return;
    event.preventDefault(); // no zoom
    if (this.armed && this.near(event.point, -1, SAME_PX)) this.close();
  }

  follow({ point, originalEvent }) {
    if (!this.armed || originalEvent.sourceCapabilities?.firesTouchEvents) return;
    // Browsers repeat the last place of a mouse at rest: it must not take over the keyboard.
    if (this.last?.x === point.x && this.last?.y === point.y) return;
    this.last = point;
    this.pointAt(point);
  }

  pointAt(tip) {
    if (!this.armed) return;
    this.tip = tip;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  /** Is a place of the screen within reach of a vertex (an index, from the end if negative)? */
  near({ x, y }, index, reach) {
    const vertex = this.vertices.at(index);
    if (vertex === undefined) return false;
    const p = this.map.project(vertex);
    return Math.hypot(p.x - x, p.y - y) <= reach;
  }

  // ---- keyboard ---------------------------------------------------------------------------

  /** The keys now hold the pencil: it is at the centre of the map. */
  aim() {
    this.host.aim();
    this.pointAt("centre");
  }

  addAtCentre() {
    this.aim();
    const centre = this.place("centre");
    if (this.near(centre, -1, SAME_PX)) this.refuse(textes.sommetDeja);
    else this.add(centre);
  }

  /** Move the map a little, to place a vertex more finely than the arrows do. */
  nudge(dx, dy) {
    this.aim();
    this.map.panBy([dx * NUDGE_PX, dy * NUDGE_PX], { duration: 0 });
  }

  // ---- steps ------------------------------------------------------------------------------

  add(point) {
    if (this.vertices.length === MOST) {
      this.refuse(textes.zonePleine(MOST));
      return;
    }
    const { lng, lat } = this.map.unproject([point.x, point.y]);
    this.vertices.push([round6(lng), round6(lat)]);
    this.step();
    this.host.say(textes.sommetPose(this.vertices.length));
  }

  /** Retour arrière: take the last vertex back. */
  undo() {
    if (!this.armed || this.vertices.length === 0) return;
    this.vertices.pop();
    this.step();
    this.host.say(textes.sommetRetire(this.vertices.length));
  }

  close() {
    if (!this.armed) return;
    const ring = this.vertices;
    if (ring.length < FEWEST) this.refuse(textes.zoneTropCourte);
    else if (crossesItself(ring)) this.refuse(textes.zoneCroisee);
    else {
      this.setArmed(false);
      this.host.complete(ring);
    }
  }

  step() {
    this.warning = null;
    this.paint();
    this.host.changed();
  }

  /** Say why nothing was done; the drawing stays in the hand. */
  refuse(text) {
    this.warning = text;
    this.host.changed();
    this.host.say(text);
  }

  // ---- drawing ----------------------------------------------------------------------------

  place(tip) {
    if (tip !== "centre") return tip;
    const { stage } = this.host;
    return { x: stage.clientWidth / 2, y: stage.clientHeight / 2 };
  }

  paint() {
    if (!this.armed) {
      this.sketch.hide();
      return;
    }
    const tip = this.place(this.tip);
    const closable = this.vertices.length >= FEWEST;
    this.sketch.draw(this.vertices.map((vertex) => this.map.project(vertex)), tip, {
      closable,
      closing: closable && tip !== null && this.near(tip, 0, CLOSING_PX.mouse),
    });
  }
}
