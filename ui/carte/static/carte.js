// The live map: receives what Python shows, gives back completed gestures.
// One instance per mounted component; new data never rebuild it.

import { Alerts } from "./alerts.js";
import { Content } from "./content.js";
import { Curtain } from "./curtain.js";
import { element } from "./dom.js";
import { loadEngine } from "./fetching.js";
import { Gesture } from "./gesture.js";
import { listenKeys } from "./keyboard.js";
import * as layers from "./layers.js";
import { Legend } from "./legend.js";
import { Overlay } from "./overlay.js";
import { Prompt } from "./prompt.js";
import { Reading } from "./reading.js";
import { holdRepaints, opaque } from "./repaints.js";
import { Scale } from "./scale.js";
import { PlaceList, Tooltip } from "./tooltip.js";
import { locale, textes } from "./textes.js";
import { Toolbar } from "./toolbar.js";
import { Zone } from "./zone.js";

const FAR_DEGREES = 12; // a jump farther than this is not animated: it would load half the world

/** What the component asks of this module: an object with update(component) and destroy(). */
export function mount(parent, base, component) {
  return new Carte(parent, base, component);
}

class Carte {
  constructor(parent, base, component) {
    this.base = base;
    this.component = component;
    this.build(parent);
    this.update(component);
    this.start();
  }

  get data() {
    return this.component.data;
  }

  // ---- elements ---------------------------------------------------------------------------

  build(parent) {
    const id = `pm-aide-${Math.random().toString(36).slice(2)}`;
    this.toolbar = new Toolbar({
      draw: () => (this.gesture.armed ? this.gesture.cancel() : this.startDrawing()),
      drawZone: () => (this.zone.armed ? this.zone.cancel() : this.startZone()),
      remove: () => {
        this.gesture.remove();
        this.focusMap();
      },
      zoom: (sign) => this.map?.zoomTo(this.map.getZoom() + sign, this.motion()),
      goTo: (box) => this.fit(box),
    });
    this.ground = element("div", { class: "pm-fond" });
    this.stage = element("div", { class: "pm-scene" }, [this.ground]);
    this.layer = element("div", { class: "pm-calque", hidden: true });
    this.stage.append(this.layer);
    this.curtain = new Curtain(this.stage);
    this.overlay = new Overlay(this.stage);
    this.crosshair = element("div", { class: "pm-viseur", "aria-hidden": "true", hidden: true });
    this.legend = new Legend();
    this.prompt = new Prompt({
      undo: () => {
        this.zone.undo();
        this.focusMap();
      },
      close: () => {
        this.zone.close();
        this.focusMap();
      },
    });
    this.wait = element("div", { class: "pm-attente", text: textes.chargement });
    this.alerts = new Alerts();
    this.attribution = element("div", { class: "pm-attribution" });
    this.scale = new Scale(this.stage);
    this.stage.append(
      this.crosshair,
      this.toolbar.zoom,
      this.scale.box,
      this.prompt.box,
      this.prompt.steps,
      this.wait,
      this.alerts.box,
    );
    this.tooltip = new Tooltip(this.stage);
    this.list = new PlaceList(this.stage, () => this.focusMap());
    this.live = element("div", { class: "pm-invisible", "aria-live": "polite" });
    this.root = element("section", { class: "pm perimetre-carte", "aria-label": textes.carte }, [
      this.toolbar.bar,
      this.stage,
      this.legend.box,
      this.attribution,
      element("p", { class: "pm-invisible", id, text: textes.aide }),
      this.live,
    ]);
    this.helpId = id;
    this.root.carte = this; // for the browser tests
    parent.append(this.root);
    this.content = new Content({
      alerts: this.alerts,
      legend: this.legend,
      curtain: this.curtain,
      recount: () => this.gesture.recount(),
    });

    this.gesture = new Gesture({
      overlay: this.overlay,
      layer: this.layer,
      local: (event) => {
        const box = this.stage.getBoundingClientRect();
        return { x: event.clientX - box.left, y: event.clientY - box.top };
      },
      unproject: (p) => this.map.unproject([p.x, p.y]),
      project: (p) => this.map.project(p),
      centre: () => this.map.getCenter(),
      tally: (lon, lat, km, communes) => this.content.structures.tally(lon, lat, km, communes),
      send: (message) => this.component.setStateValue("geste", message),
      say: (text) => this.say(text),
      modeChanged: () => this.showMode(),
      perimeterChanged: (exists) => this.toolbar.setPerimeter(exists),
      dragging: (active) => {
        this.root.classList.toggle("pm--main", active);
        if (active) this.tooltip.hide();
      },
    });
    this.zone = new Zone({
      stage: this.stage,
      complete: (ring) => this.gesture.commitZone(ring),
      say: (text) => this.say(text),
      changed: () => this.showMode(),
      aim: () => {
        this.crosshair.hidden = false;
      },
    });
    listenKeys(this.root, {
      gesture: this.gesture,
      zone: this.zone,
      drawZone: () => this.startZone(),
      overlay: this.overlay,
      canvas: () => this.map?.getCanvas(),
      readCentre: () => this.reading?.readCentre(),
      closeList: () => this.list.isOpen && (this.list.close(), true),
    });
    // Scrolling zooms even while drawing.
    this.layer.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.map?.getCanvas().dispatchEvent(new WheelEvent("wheel", event));
    }, { passive: false });
  }

  // ---- life -------------------------------------------------------------------------------

  async start() {
    this.content.prefetch();
    try {
      const maplibregl = await loadEngine(this.base);
      if (this.dead) return;
      this.engine = maplibregl;
    } catch (error) {
      console.error(error);
      this.wait.remove();
      this.alerts.set("moteur", textes.sansMoteur, () => this.start());
      return;
    }
    try {
      this.createMap(this.engine);
    } catch (error) {
      console.warn(error);
      this.map = null;
      this.wait.remove();
      this.fail(textes.sansWebgl);
    }
  }

  createMap(maplibregl) {
    const { vue, tuiles } = this.data;
    const touch = window.matchMedia("(pointer: coarse)").matches;
    this.view = vue?.sequence;
    // {z}, {x}, {y} must survive: they are not part of a parsed address.
    const tiles = tuiles.startsWith("/") ? window.location.origin + tuiles : tuiles;
    this.tiles = tiles;
    this.map = opaque(() => new maplibregl.Map({
      container: this.ground,
      style: layers.baseStyle(tiles, this.data),
      bounds: box(vue.bornes),
      fitBoundsOptions: { padding: this.margins() },
      minZoom: 4,
      maxZoom: 17,
      renderWorldCopies: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: false,
      maplibreLogo: false,
      cooperativeGestures: touch,
      fadeDuration: 0,
      refreshExpiredTiles: false,
      validateStyle: false,
      locale,
    }));
    const { map } = this;
    holdRepaints(map);
    map.keyboard.disableRotation();
    map.touchZoomRotate.disableRotation();
    const canvas = map.getCanvas();
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", this.data.titre || textes.carte);
    canvas.setAttribute("aria-describedby", this.helpId);
    canvas.addEventListener("focus", () => {
      this.crosshair.hidden = !canvas.matches(":focus-visible");
    });
    canvas.addEventListener("blur", () => {
      this.crosshair.hidden = true;
    });
    layers.drawMissingImages(map, { ptceStyle: () => this.data.ptce.style });
    map.on("error", (event) => this.explain(event));
    const { data } = this;
    const firstPicture = new Promise((resolve) => {
      map.on("idle", () => {
        this.wait.remove();
        if (!this.content.coloured()) return;
        markOnce("perimetre:couleurs");
        this.root.dataset.pret = "oui";
        resolve();
      });
      setTimeout(resolve, 6000); // tiles that never come must not hide the points
    }).then(() => {
      if (!this.dead) layers.addPointLayers(map);
    });
    map.on("style.load", () => {
      this.scale.draw(map);
      this.overlay.attach((p) => map.project(p));
      this.content.attach(map, data, firstPicture);
    });
    this.reading = new Reading(map, this.content, {
      tooltip: this.tooltip,
      list: this.list,
      busy: () => this.gesture.armed || this.gesture.drag !== null || this.zone.busy,
      gone: () => Boolean(this.dead),
      aiming: () => !this.crosshair.hidden,
      motion: () => this.motion(),
      say: (text) => this.say(text),
      centre: () => ({ x: this.stage.clientWidth / 2, y: this.stage.clientHeight / 2 }),
    });
    this.zone.attach(map); // after the reading, which must not take the click that closes a zone
    map.on("move", () => this.overlay.draw());
    map.on("resize", () => this.overlay.draw());
    map.on("moveend", () => {
      this.scale.draw(map);
      if (document.activeElement === canvas) map.once("idle", () => this.reading.announceCentre());
    });
  }

  update(component) {
    this.component = component;
    const { data } = this;
    this.root.setAttribute("aria-label", data.titre || textes.carte);
    this.map?.getCanvas().setAttribute("aria-label", data.titre || textes.carte);
    this.stage.style.setProperty("--pm-hauteur", `${data.hauteur}px`);
    this.root.style.setProperty("--pm-tracer", data.couleurs.perimetre);
    this.toolbar.setReadOnly(Boolean(data.lecture_seule));
    if (this.gesture.readOnly !== Boolean(data.lecture_seule)) {
      this.gesture.setReadOnly(Boolean(data.lecture_seule));
      this.zone.setReadOnly(Boolean(data.lecture_seule));
    }
    this.writeAttribution();
    this.gesture.update(data.perimetre, data.accuse ?? 0);
    this.content.update(data);
    if (this.map && data.vue.sequence !== this.view) {
      this.view = data.vue.sequence;
      this.fit(data.vue.bornes);
    }
  }

  destroy() {
    this.dead = true;
    this.content.detach();
    clearTimeout(this.gesture.timer);
    this.zone.destroy();
    this.map?.remove();
    this.root.remove();
  }

  writeAttribution() {
    const { attribution, fond } = this.data;
    const written = JSON.stringify([attribution, fond]);
    if (written === this.attributed) return;
    this.attributed = written;
    const parts = [element("span", { text: attribution ?? "" })];
    if (fond?.attribution) {
      parts.push(
        element("a", {
          href: fond.lien, target: "_blank", rel: "noopener noreferrer", text: fond.attribution,
        }),
      );
    }
    this.attribution.replaceChildren(...parts);
    this.attribution.hidden = !attribution && !fond;
  }

  // ---- view -------------------------------------------------------------------------------

  motion() {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    return { duration: still ? 0 : 350 };
  }

  /** Margins of a fitted view; on a phone every pixel counts, and Corsica is on the right. */
  margins() {
    return this.stage.clientWidth < 500 ? { top: 8, bottom: 8, left: 0, right: 6 } : 20;
  }

  fit(bounds) {
    if (!this.map) return;
    const centre = this.map.getCenter();
    const far =
      Math.abs((bounds[0] + bounds[2]) / 2 - centre.lng) > FAR_DEGREES ||
      Math.abs((bounds[1] + bounds[3]) / 2 - centre.lat) > FAR_DEGREES;
    this.map.fitBounds(box(bounds), {
      padding: this.margins(),
      maxZoom: 13,
      ...(far ? { duration: 0 } : this.motion()),
    });
  }

  focusMap() {
    this.map?.getCanvas().focus({ preventScroll: true });
  }

  startDrawing() {
    if (!this.content.map) return;
    this.list.close();
    this.zone.cancel();
    this.gesture.arm();
    this.focusMap();
  }

  startZone() {
    if (!this.content.map) return;
    this.list.close();
    this.gesture.flush();
    this.gesture.cancel();
    this.zone.arm();
    this.focusMap();
  }

  /** Show what is being drawn: a radius, a zone, one at most. */
  showMode() {
    const { gesture, zone } = this;
    this.toolbar.setArmed(gesture.armed, zone.armed);
    this.root.classList.toggle("pm--trace", gesture.armed);
    this.root.classList.toggle("pm--zone", zone.armed);
    this.prompt.show(gesture.armed, zone);
    gesture.standAside(zone.armed);
    if (gesture.armed || zone.armed) this.tooltip.hide();
  }

  say(text) {
    this.live.textContent = text;
  }

  // ---- trouble ----------------------------------------------------------------------------

  explain(event) {
    if (event.sourceId === "territoires") {
      this.alerts.set("contours", textes.sansContours, () => {
        this.attempt = (this.attempt ?? 0) + 1;
        this.map.getSource("territoires").setTiles([`${this.tiles}?essai=${this.attempt}`]);
      });
    } else if (event.sourceId === "image") {
      this.alerts.set("image", textes.sansFond(this.data.fond?.nom ?? ""));
    } else console.error(event.error);
  }

  /** The map cannot be: the sentence takes its place. */
  fail(text) {
    this.toolbar.setEnabled(false);
    this.toolbar.zoom.hidden = true;
    this.root.classList.add("pm--absente");
    this.alerts.set("webgl", text);
  }
}

function box([west, south, east, north]) {
  return [[west, south], [east, north]];
}

function markOnce(name) {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}
