// The radius in the hand: press, drag, release; grab the centre or the edge; the same by keyboard.
// One completed gesture sends one message; an abandoned one sends none. A zone drawn by hand
// (zone.js) is settled and sent here too: there is one perimeter, and one count of the messages.

import { clampRadius, distance, round6 } from "./geodesy.js";
import { kilometres, makeup, structures, textes } from "./textes.js";

const CLICK_PX = 5; // a press that moves less than this is a click: it takes the default radius
const DEFAULT_RADIUS = 10;
const KEYBOARD_DELAY = 700; // ms of silence after which a keyboard change is complete
// Degrees: a centre moved by less is the same to Python, which then keeps the commune it stands for.
const SAME_PLACE = 1e-5;

export class Gesture {
  /**
   * @param {object} host what the gesture needs of the map:
   *   overlay, layer (element that catches the drawing), unproject({x,y}) → {lng,lat},
   *   project([lon,lat]) → {x,y}, centre() → {lng,lat},
   *   tally(lon,lat,km,communes) → {total, staff, unknown, trades} | null,
   *   send(message), say(text), modeChanged(armed), perimeterChanged(exists)
   */
  constructor(host) {
    this.host = host;
    this.current = null; // what is on screen: a disc, or an area when it has zones
    this.settled = null; // what Python last confirmed, or what was last sent
    this.armed = false;
    this.aside = false; // a zone is being drawn: no handle meanwhile
    this.drag = null;
    this.timer = null;
    this.sequence = 0;
    this.awaited = 0;
    this.readOnly = false;
    this.samples = []; // ms spent per pointer move, last 200, for the tests
    this.listen();
  }

  // ---- what Python says -------------------------------------------------------------------

  /**
   * @param {null | {lon, lat, rayon_km, libelle, contour, zones}} perimetre
   * @param {number} accuse
   */
  update(perimetre, accuse) {
    if (accuse < this.awaited) return; // older than the gesture on screen
    if (perimetre === null || perimetre === undefined) this.settled = null;
    else if (perimetre.zones?.length) this.settled = area(perimetre.zones, perimetre.libelle);
    else {
      this.settled = {
        ...disc(perimetre.lon, perimetre.lat, perimetre.rayon_km),
        contour: perimetre.contour?.length ? perimetre.contour : null,
        communes: perimetre.communes ?? [],
      };
      this.describe(this.settled);
      if (perimetre.libelle) this.settled.libelle = perimetre.libelle;
    }
    if (this.drag === null && this.timer === null) this.restore();
  }

  /** The points changed: recount what is in the hand. */
  recount() {
    if (isDisc(this.settled) && this.settled.contour === null) {
      this.describe(this.settled);
      if (this.drag === null && this.timer === null) this.restore();
    }
  }

  restore() {
    this.current = this.settled;
    this.paint();
  }

  paint(options = {}) {
    this.host.dragging(this.drag !== null);
    const grips = !this.readOnly && !this.armed && !this.aside;
    this.host.overlay.show(this.current, { grips, ...options });
    // Not while a first ring is being drawn: a button that appears would move the others.
    this.host.perimeterChanged(this.current !== null && !(this.armed && this.settled === null));
  }

  /** Write beside a disc what it holds: radius and count, then trades and jobs. */
  describe(disc) {
    const { lon, lat, rayon } = disc;
    const tally = this.host.tally(lon, lat, rayon, disc.communes);
    disc.libelle = kilometres(rayon);
    disc.bilan = [];
    if (tally !== null) {
      disc.libelle += ` · ${structures(tally.total)}`;
      disc.bilan = makeup(tally);
    }
  }

  /** A disc in the hand; it keeps the commune of its centre as long as it stays there. */
  disc(lon, lat, rayon) {
    const { settled } = this;
    const still = isDisc(settled) &&
      Math.abs(settled.lon - lon) < SAME_PLACE && Math.abs(settled.lat - lat) < SAME_PLACE;
    const current = { ...disc(lon, lat, rayon), communes: still ? settled.communes : [] };
    this.describe(current);
    return current;
  }

  // ---- modes ------------------------------------------------------------------------------

  setReadOnly(readOnly) {
    this.readOnly = readOnly;
    if (readOnly) this.cancel();
    this.paint();
  }

  arm() {
    if (this.readOnly) return;
    this.flush();
    this.setArmed(true);
    this.host.say(textes.traceActif);
  }

  setArmed(armed) {
    this.armed = armed;
    this.host.layer.hidden = !armed;
    this.host.modeChanged(armed);
    if (this.drag === null) this.paint();
  }

  /** Leave the map to the drawing of a zone, or take it back. */
  standAside(aside) {
    if (aside === this.aside) return;
    this.aside = aside;
    this.paint();
  }

  /** Échap: abandon what is under way; true when there was something to abandon. */
  cancel() {
    const busy = this.armed || this.drag !== null || this.timer !== null;
    if (!busy) return false;
    clearTimeout(this.timer);
    this.timer = null;
    this.release();
    this.setArmed(false);
    this.restore();
    this.host.say(textes.traceAnnule);
    return true;
  }

  remove() {
    if (this.readOnly || this.current === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.release();
    this.setArmed(false);
    this.settled = null;
    this.restore();
    this.host.say(textes.perimetreSupprime);
    this.post({ type: "supprime", lon: null, lat: null, rayon_km: null });
  }

  // ---- pointer ----------------------------------------------------------------------------

  listen() {
    const { layer, overlay } = this.host;
    layer.addEventListener("pointerdown", (event) => this.press(event, "trace", layer));
    overlay.centre.addEventListener("pointerdown", (e) => this.press(e, "centre", overlay.centre));
    overlay.edge.addEventListener("pointerdown", (e) => this.press(e, "bord", overlay.edge));
    for (const target of [layer, overlay.centre, overlay.edge]) {
      target.addEventListener("pointermove", (event) => this.move(event));
      target.addEventListener("pointerup", (event) => this.drop(event));
      target.addEventListener("pointercancel", (event) => {
        if (this.drag?.pointer === event.pointerId) this.cancel();
      });
      target.addEventListener("contextmenu", (event) => event.preventDefault());
    }
    // A second finger means the user wants to move the map: abandon rather than guess.
    layer.addEventListener("touchstart", (event) => {
      if (event.touches.length > 1) this.cancel();
    }, { passive: true });
  }

  press(event, kind, target) {
    if (event.button !== 0 || this.drag !== null || this.readOnly) return;
    event.preventDefault();
    event.stopPropagation();
    this.flush();
    target.setPointerCapture(event.pointerId);
    target.focus?.({ preventScroll: true });
    const at = this.host.local(event);
    const ground = this.host.unproject(at);
    this.drag = { kind, target, pointer: event.pointerId, from: at, last: at, moved: false };
    if (kind === "trace") {
      this.drag.centre = { lon: round6(ground.lng), lat: round6(ground.lat) };
    } else {
      // The hand rarely falls on the exact centre or edge: keep its offset.
      const { lon, lat, rayon } = this.current;
      const centre = this.host.project([lon, lat]);
      this.drag.centre = { lon, lat };
      this.drag.rayon = rayon;
      this.drag.offset =
        kind === "centre"
          ? { x: centre.x - at.x, y: centre.y - at.y }
          : { x: 0, y: 0, km: rayon - distance(lon, lat, ground.lng, ground.lat) };
    }
    this.host.dragging(true);
  }

  move(event) {
    if (this.drag === null || event.pointerId !== this.drag.pointer) return;
    this.drag.last = this.host.local(event);
    // One computation a frame, on the latest position: a fast mouse never queues work.
    this.drag.frame ??= requestAnimationFrame(() => {
      if (this.drag === null) return;
      this.drag.frame = null;
      this.follow();
    });
  }

  follow() {
    const started = performance.now();
    if (!this.reach()) return;
    const { kind, last } = this.drag;
    this.paint({ pointer: last, active: true, grips: kind !== "trace" });
    this.samples.push(performance.now() - started);
    if (this.samples.length > 200) this.samples.shift();
  }

  /** Take the disc where the hand is; false when it has not moved. */
  reach() {
    const { kind, from, last, centre } = this.drag;
    this.drag.moved ||= Math.hypot(last.x - from.x, last.y - from.y) >= CLICK_PX;
    if (!this.drag.moved) return false;
    if (kind === "centre") {
      const { offset } = this.drag;
      const p = this.host.unproject({ x: last.x + offset.x, y: last.y + offset.y });
      this.current = this.disc(round6(p.lng), round6(p.lat), this.drag.rayon);
    } else {
      const p = this.host.unproject(last);
      const km = distance(centre.lon, centre.lat, p.lng, p.lat) + (this.drag.offset?.km ?? 0);
      this.current = this.disc(centre.lon, centre.lat, clampRadius(km));
      this.host.overlay.hold(centre, p);
    }
    return true;
  }

  drop(event) {
    if (this.drag === null || event.pointerId !== this.drag.pointer) return;
    this.drag.last = this.host.local(event);
    const { kind, centre } = this.drag;
    const moved = this.reach();
    this.release();
    if (!moved && kind !== "trace") {
      this.restore();
      return;
    }
    if (!moved) {
      // A click or a tap is enough: no dragging is ever required.
      this.current = this.disc(centre.lon, centre.lat, this.settled?.rayon ?? DEFAULT_RADIUS);
    }
    this.armed = false;
    this.commit();
  }

  release() {
    if (this.drag === null) return;
    const { target, pointer, frame } = this.drag;
    if (frame) cancelAnimationFrame(frame);
    if (target.hasPointerCapture(pointer)) target.releasePointerCapture(pointer);
    this.drag = null;
  }

  // ---- keyboard ---------------------------------------------------------------------------

  /** Draw at the centre of the view; complete after a silence. */
  drawAtCentre() {
    if (this.readOnly) return;
    const { lng, lat } = this.host.centre();
    this.setArmed(false);
    this.current = this.disc(round6(lng), round6(lat), DEFAULT_RADIUS);
    this.hesitate();
  }

  /** @param {number} direction +1 wider, −1 narrower */
  resize(direction) {
    if (this.readOnly || !isDisc(this.current) || this.drag !== null) return;
    const { lon, lat, rayon } = this.current;
    const probe = direction > 0 ? rayon : rayon - 1e-9;
    const step = probe < 2 ? 0.1 : probe < 10 ? 0.5 : probe < 50 ? 1 : probe < 100 ? 5 : 10;
    const next = direction > 0
      ? Math.floor(rayon / step + 1e-6) + 1
      : Math.ceil(rayon / step - 1e-6) - 1;
    this.current = this.disc(lon, lat, clampRadius(next * step));
    this.hesitate();
  }

  /** Move the centre by pixels of the screen. */
  shift(dx, dy) {
    if (this.readOnly || !isDisc(this.current) || this.drag !== null) return;
    const p = this.host.project([this.current.lon, this.current.lat]);
    const { lng, lat } = this.host.unproject({ x: p.x + dx, y: p.y + dy });
    this.current = this.disc(round6(lng), round6(lat), this.current.rayon);
    this.hesitate();
  }

  hesitate() {
    this.paint({ active: true });
    this.host.say(this.current.libelle);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), KEYBOARD_DELAY);
  }

  /** Complete a keyboard change at once; true when there was one. */
  flush() {
    if (this.timer === null) return false;
    clearTimeout(this.timer);
    this.timer = null;
    this.commit();
    return true;
  }

  // ---- sending ----------------------------------------------------------------------------

  /** Send what is in the hand, then show it as settled. */
  commit() {
    this.settled = this.current;
    const { lon, lat, rayon, libelle, bilan } = this.current;
    this.post({ type: "trace", lon, lat, rayon_km: rayon });
    // Streamlit sends in a timer. What is drawn before it fires, a frame of the whole page, would
    // keep the server waiting: the label and the handles change in the next timer.
    setTimeout(() => {
      this.setArmed(this.armed);
      this.host.say([libelle, ...bilan].join(", "));
    });
  }

  /** Show a zone just closed until Python answers. @param {[number, number][]} ring open */
  commitZone(ring) {
    this.settled = area([[ring]], textes.zoneFermee(ring.length));
    this.restore();
    this.host.say(`${this.settled.libelle}.`);
    this.post({ type: "zone", anneau: ring });
  }

  post(message) {
    // Dated, so that a number is never reused after the map is mounted again.
    this.sequence = Math.max(this.sequence + 1, Date.now());
    this.awaited = this.sequence;
    this.host.send({ ...message, sequence: this.sequence });
  }
}

function disc(lon, lat, rayon) {
  return { lon, lat, rayon, contour: null, communes: [], libelle: "", bilan: [] };
}

/** @param {[number, number][][][]} zones polygons: an outer ring, then holes */
function area(zones, libelle) {
  return { zones, libelle };
}

/** Is there a disc, which alone can be moved and resized? */
function isDisc(perimeter) {
  return perimeter !== null && perimeter.zones === undefined;
}
