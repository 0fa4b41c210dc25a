// The structures: all of a list at hand for counting, what is in view drawn, names asked when opened.

import { fetchBytes, fetchJson } from "./fetching.js";
import { Clusters } from "./clusters.js";
import { distance } from "./geodesy.js";
import { bubbleRadius } from "./icons.js";
import { unpack, withOwn } from "./packed.js";
import { Points } from "./points.js";
import { textes } from "./textes.js";

const OTHER_STYLE = { forme: "rond", couleur: "#555555" };
const ONE_METRE = 0.001; // kilometres
const NO_FEATURES = { type: "FeatureCollection", features: [] };
const PAUSE = 120; // ms between two drawings while the map moves
const MOST_LINES = 20_000; // rows whose names are remembered
const MOST_PICTURES = 500; // counts kept as pixels

export class Structures {
  /** @param {{alerts, recount: () => void, load: Function}} host */
  constructor(host) {
    this.host = host;
    this.map = null;
    this.wanted = null; // what Python asks to show
    this.points = null;
    this.own = null;
    this.lines = new Map(); // row → name, address…
    this.area = null; // what is drawn: box and zoom
    this.follow = () => {
      if (this.timer === undefined && this.outOfArea()) {
        this.timer = setTimeout(() => {
          this.timer = undefined;
          this.draw();
        }, PAUSE);
      }
    };
  }

  attach(map, firstPicture) {
    this.map = map;
    this.firstPicture = firstPicture;
    map.on("move", this.follow);
    map.on("moveend", () => this.outOfArea() && this.draw());
  }

  detach() {
    clearTimeout(this.timer);
    this.map = null;
  }

  async show(wanted) {
    this.wanted = wanted;
    if (!wanted) {
      this.points = this.clusters = this.area = null;
      this.content = undefined;
      this.map.getSource("structures")?.setData(NO_FEATURES);
      this.host.alerts.set("structures", null);
      this.host.recount();
      return;
    }
    const bytes = await this.host.load("structures", wanted.url, textes.sansPoints, fetchBytes);
    if (bytes === null || this.map === null || this.wanted !== wanted) return;
    const content = [bytes, JSON.stringify(wanted.ajouts ?? null)];
    if (content.some((part, i) => part !== this.content?.[i])) {
      const table = unpack(bytes);
      this.own = wanted.ajouts ?? null;
      this.shared = table.lignes;
      this.points = new Points(withOwn(table, this.own));
      this.clusters = new Clusters(this.points);
      this.lines.clear();
      this.content = content;
    }
    this.points.setMask(wanted.masque);
    this.host.recount();
    await this.firstPicture;
    if (this.map !== null && this.wanted === wanted) this.draw();
  }

  /** Tally of what is shown in a disc (`Points.tally`); null when the map does not know it all. */
  tally(lon, lat, km, communes) {
    if (this.points === null || !this.wanted) return null;
    const known = this.wanted.couverture;
    if (known && distance(lon, lat, known.lon, known.lat) + km > known.rayon_km + ONE_METRE) {
      return null; // beyond what was loaded, a count would be too low
    }
    return this.points.tally(lon, lat, km, communes);
  }

  // ---- marks ------------------------------------------------------------------------------

  /** Zoom of the marks, by half steps: between two of them clusters only spread apart. */
  zoom() {
    return Math.floor(this.map.getZoom() * 2 + 1e-6) / 2;
  }

  /** Is something in view that was not prepared, or at another scale? */
  outOfArea() {
    if (this.map === null || !this.points || !this.map.getSource("structures")) return false;
    if (this.area === null || this.area.zoom !== this.zoom()) return true;
    const bounds = this.map.getBounds(), { box } = this.area;
    return bounds.getWest() < box.west || bounds.getEast() > box.east ||
      bounds.getSouth() < box.south || bounds.getNorth() > box.north;
  }

  /** Give MapLibre the marks of the view and of half a view around it, never the whole list. */
  draw() {
    const source = this.map?.getSource("structures");
    if (!source || this.points === null) return;
    const started = performance.now();
    const bounds = this.map.getBounds();
    const [west, south, east, north] = [
      bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth(),
    ];
    const dx = (east - west) / 2, dy = (north - south) / 2;
    const box = { west: west - dx, south: south - dy, east: east + dx, north: north + dy };
    this.area = { zoom: this.zoom(), box };
    const { styles } = this.wanted;
    const { familles, famille } = this.points.table;
    const pictures = familles.map((name) => {
      const style = styles[name] ?? styles[""] ?? OTHER_STYLE;
      return `${style.forme}|${style.couleur}`;
    });
    const marks = this.clusters.gather(box, this.area.zoom);
    source.setData({
      type: "FeatureCollection",
      features: marks.map(({ n, lon, lat, k }, p) => ({
        type: "Feature",
        geometry: { type: "Point", coordinates: [lon, lat] },
        properties: { n, p, r: bubbleRadius(n), f: pictures[famille[this.points.rows[k]]] },
      })),
    });
    this.counts = new Set(marks.map(({ n }) => `nombre:${n}`));
    this.map.once("idle", () => this.forgetPictures());
    // For the tests: what a drawing costs, and how much is drawn.
    this.drawn = { ms: performance.now() - started, marks: marks.length };
  }

  /** Let go of the counts no longer drawn, once they are many. */
  forgetPictures() {
    if (this.map === null) return;
    const figures = this.map.listImages().filter((id) => id.startsWith("nombre:"));
    if (figures.length <= MOST_PICTURES) return;
    for (const id of figures) if (!this.counts.has(id)) this.map.removeImage(id);
  }

  /** Points behind a mark of the map, as indices. */
  membersOf(feature) {
    return this.clusters?.members(feature.properties.p) ?? [];
  }

  together(members) {
    return this.points.together(members);
  }

  /** Box [west, south, east, north] of some points. */
  extent(members) {
    const { lon, lat } = this.points;
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const k of members) {
      box[0] = Math.min(box[0], lon[k]);
      box[1] = Math.min(box[1], lat[k]);
      box[2] = Math.max(box[2], lon[k]);
      box[3] = Math.max(box[3], lat[k]);
    }
    return box;
  }

  // ---- what rows say ----------------------------------------------------------------------

  rowsOf(members) {
    return members.map((k) => this.points.rows[k]);
  }

  /** Entry of a row if its name is at hand, else null. */
  entry(row) {
    const line = row >= this.shared ? this.ownLine(row - this.shared) : this.lines.get(row);
    if (!line) return null;
    const label = this.wanted?.styles[line.famille]?.libelle ?? line.famille;
    const { adresse, commune } = line;
    const named = adresse && commune && !adresse.toLowerCase().includes(commune.toLowerCase());
    const rough = line.precision === "commune" ? textes.aLaCommune : null;
    const details = [label, line.filiere, named ? `${adresse}, ${commune}` : adresse || commune, rough];
    return { nom: line.nom, details: details.filter(Boolean).join(" · ") };
  }

  ownLine(i) {
    return Object.fromEntries(Object.entries(this.own).map(([name, values]) => [name, values[i]]));
  }

  /** Entries of rows, at most a page of them; asked of the server unless they are at hand. */
  async entries(rows) {
    const { wanted } = this;
    const missing = rows.filter((row) => row < this.shared && !this.lines.has(row));
    if (missing.length) {
      const path = wanted.lignes.replace("{lignes}", missing.join("-"));
      const columns = await fetchJson(new URL(path, window.location.origin).href);
      if (this.wanted?.url !== wanted.url) return [];
      if (this.lines.size > MOST_LINES) this.lines.clear();
      missing.forEach((row, i) => {
        this.lines.set(row, Object.fromEntries(
          Object.entries(columns).map(([name, values]) => [name, values[i]]),
        ));
      });
    }
    return rows.map((row) => this.entry(row)).filter(Boolean);
  }
}
