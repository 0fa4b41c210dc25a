// What Python asks to show: fetched when it changes, drawn when it changes, never otherwise.

import { samples, setCircles } from "./circles.js";
import { fetchBytes, fetchJson } from "./fetching.js";
import * as layers from "./layers.js";
import { byPlace } from "./places.js";
import { Structures } from "./structures.js";
import { textes } from "./textes.js";

/** Rank of a town by population → zoom from which its name may show. */
const TOWN_ZOOMS = [[12, 4], [45, 6], [180, 7.5], [700, 8.5], [3000, 9.5]];
const NO_FEATURES = { type: "FeatureCollection", features: [] };

export class Content {
  /** @param {{alerts, legend, curtain, recount: () => void}} host */
  constructor(host) {
    this.host = host;
    this.map = null; // set by attach: nothing is drawn before
    this.values = null;
    this.structures = new Structures({
      alerts: host.alerts,
      recount: host.recount,
      load: (...asked) => this.load(...asked),
    });
    this.ptce = null;
    this.circles = null;
    this.other = null; // the vintage on the other side of the curtain
    this.failed = new Set();
    this.shown = {}; // what each part of the map last drew, to redraw only what changed
  }

  /**
   * @param {object} map loaded with the style of `data`
   * @param {Promise} firstPicture resolved once the colours are there: points would slow every
   *   frame until then
   */
  attach(map, data, firstPicture) {
    this.map = map;
    this.firstPicture = firstPicture;
    this.structures.attach(map, firstPicture);
    map.on("zoomend", () => this.updateLegend()); // circles are as large as the zoom says
    for (const [part, value] of Object.entries(styleKeys(data))) {
      // A raster ground is added after the style, so that it never delays our own outlines.
      if (part !== "fond" || !data.fond) this.shown[part] = keyOf(value);
    }
    this.redraw();
  }

  detach() {
    this.map = null;
    this.host.curtain.close();
    this.structures.detach();
  }

  update(data) {
    this.data = data;
    this.updateLegend();
    this.redraw();
  }

  /** Ask for values and points while the library is still loading. */
  prefetch() {
    const { choroplethe, cercles, structures, ptce, reperes } = this.data;
    for (const part of [choroplethe, cercles, ptce, reperes]) {
      if (part?.url) fetchJson(absolute(part.url)).catch(() => {});
    }
    if (structures) fetchBytes(absolute(structures.url)).catch(() => {});
  }

  /** True once the colours asked for are there, or cannot be. */
  coloured() {
    return !this.data.choroplethe || this.values !== null || this.failed.has("valeurs");
  }

  redraw() {
    if (this.map === null) return;
    const { data, map } = this;
    const keys = styleKeys(data);
    this.onChange("fond", keys.fond, () =>
      layers.setBackground(map, data.fond, Boolean(data.choroplethe)));
    this.onChange("contours", keys.contours, () => layers.setOutlines(map, data.contours));
    this.onChange("niveau", keys.niveau, () =>
      layers.setLevel(
        map, data.niveau, Boolean(data.choroplethe), data.fond, data.couleurs.terre,
      ));
    this.onChange("valeurs", coloursKey(data), () => this.loadValues());
    this.onChange("rideau", data.rideau && [data.rideau, coloursKey(data)],
      () => this.loadCurtain());
    this.onChange("cercles", data.cercles?.url, () => this.loadCircles());
    this.onChange("structures", data.structures, () => this.structures.show(data.structures));
    this.onChange("ptce", data.ptce, () => this.loadPtce());
    this.onChange("reperes", data.reperes, () => this.loadTowns());
  }

  onChange(part, value, draw) {
    const key = keyOf(value);
    if (this.shown[part] === key) return;
    this.shown[part] = key;
    draw();
  }

  async loadValues() {
    const { choroplethe, niveau } = this.data;
    const url = choroplethe?.url;
    if (!url) {
      this.values = null;
      this.host.alerts.set("valeurs", null);
      return;
    }
    const values = await this.load("valeurs", url, textes.sansValeurs);
    if (values === null || this.map === null || this.data.choroplethe?.url !== url) return;
    const { fond, couleurs, choroplethe: { classes, limites } } = this.data;
    const ranks = limites ? layers.classesOf(values.valeurs, limites) : values.classes;
    layers.setStates(this.map, niveau, { codes: values.codes, ranks }, this.values, {
      classes, ground: fond, land: couleurs.terre,
    });
    this.values = {
      url,
      niveau,
      codes: values.codes,
      classes: ranks,
      valeurs: values.valeurs,
      raisons: new Map(Object.entries(values.raisons ?? {})),
      rank: new Map(values.codes.map((code, i) => [code, i])),
    };
  }

  /** The other vintage takes the classes of the first: its limits are always sent. */
  async loadCurtain() {
    const { rideau, niveau } = this.data;
    this.other = null;
    if (!rideau) {
      this.host.curtain.close();
      this.host.alerts.set("rideau", null);
      return;
    }
    const values = await this.load("rideau", rideau.url, textes.sansValeurs);
    if (values === null || this.map === null || this.data.rideau?.url !== rideau.url) return;
    const { codes, valeurs } = values;
    const ranks = layers.classesOf(valeurs, this.data.choroplethe.limites);
    this.other = {
      niveau, valeurs, nom: rideau[rideau.autre], rank: new Map(codes.map((code, i) => [code, i])),
    };
    this.host.curtain.show(this.map, this.data, { codes, ranks });
  }

  async loadCircles() {
    const url = this.data.cercles?.url;
    this.circles = null;
    if (!url) {
      setCircles(this.map, null);
      this.host.alerts.set("cercles", null);
      this.updateLegend();
      return;
    }
    const columns = await this.load("cercles", url, textes.sansCercles);
    await this.firstPicture;
    if (columns === null || this.map === null || this.data.cercles?.url !== url) return;
    const { codes, valeurs } = columns;
    this.circles = {
      url, most: valeurs[0], byCode: new Map(codes.map((code, i) => [code, valeurs[i]])),
    };
    setCircles(this.map, columns);
    this.updateLegend();
  }

  async loadPtce() {
    const { ptce } = this.data;
    if (!ptce) {
      this.ptce = null;
      this.map.getSource("ptce")?.setData(NO_FEATURES);
      if (this.map.getLayer("reperes")) layers.setZones(this.map, [], null);
      this.updateLegend();
      return;
    }
    const columns = await this.load("ptce", ptce.url, textes.sansPoints);
    if (columns === null || this.map === null || this.data.ptce?.url !== ptce.url) return;
    const { features, places } = byPlace(columns);
    this.ptce = { columns, places, zones: columns.zones ?? [] };
    this.updateLegend();
    // New layers make every tile be cut again: not before the first picture is complete.
    await this.firstPicture;
    if (this.map === null || this.data.ptce?.url !== ptce.url) return;
    this.map.getSource("ptce").setData({ type: "FeatureCollection", features });
    layers.setZones(this.map, this.ptce.zones, ptce.style.couleur);
  }

  async loadTowns() {
    const { reperes } = this.data;
    if (!reperes) {
      this.map.getSource("reperes")?.setData(NO_FEATURES);
      return;
    }
    const columns = await this.load("reperes", reperes.url, null);
    await this.firstPicture;
    if (columns === null || this.map === null || !this.data.reperes) return;
    this.map.getSource("reperes").setData({
      type: "FeatureCollection",
      features: columns.nom.map((nom, rang) => ({
        type: "Feature",
        geometry: { type: "Point", coordinates: [columns.lon[rang], columns.lat[rang]] },
        properties: { nom, rang, z: TOWN_ZOOMS.find(([last]) => rang < last)?.[1] ?? 10.5 },
      })),
    });
  }

  /** Data of ours, or null after having said (in the map) that they failed. */
  async load(part, url, message, ask = fetchJson) {
    try {
      const data = await ask(absolute(url));
      this.host.alerts.set(part, null);
      this.failed.delete(part);
      return data;
    } catch (error) {
      console.error(error);
      this.failed.add(part);
      if (message) {
        this.host.alerts.set(part, message, () => {
          delete this.shown[part];
          this.redraw();
        });
      }
      return null;
    }
  }

  updateLegend() {
    const { choroplethe, cercles, structures, ptce, couleurs } = this.data;
    this.host.legend.update({
      couleurs,
      choroplethe,
      cercles: cercles && this.circles && {
        titre: cercles.titre, samples: samples(this.circles.most, this.map?.getZoom() ?? 0),
      },
      structures,
      ptce: ptce ? { ...ptce, zones: this.ptce?.zones ?? [] } : null,
    });
  }
}

/** An address of our own server in full. */
export function absolute(url) {
  return new URL(url, window.location.origin).href;
}

function keyOf(value) {
  return JSON.stringify(value ?? null);
}

/** What each part of the style depends on. */
function styleKeys({ fond, choroplethe, contours, niveau }) {
  return {
    fond: [fond, Boolean(choroplethe)],
    contours,
    niveau: [niveau, Boolean(choroplethe), fond],
  };
}

/** What the colour of each territory depends on. */
function coloursKey({ niveau, choroplethe, fond }) {
  const { url, limites, classes } = choroplethe ?? {};
  return [niveau, url, limites, classes?.map(({ couleur }) => couleur), Boolean(fond)];
}
