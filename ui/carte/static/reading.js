// What lies under the pointer, or at the centre of the map for the keyboard.

import { LEVELS } from "./layers.js";
import { quantity, structures as sayStructures, textes, zone as sayZone } from "./textes.js";

const PICK_PX = 7;
const HOVER_DELAY = 80; // ms the pointer rests on a mark before a name is asked for
const CLOSEST = 17; // beyond the last zoom, places that are still together are listed

/** What the colour of a territory says: a quantity, or the words of a crossing; why it is grey. */
function valueLines(choroplethe, values, code) {
  const rank = values.rank.get(code);
  const found = choroplethe.grille
    ? choroplethe.classes[values.classes[rank]]?.libelle ?? choroplethe.absente.libelle
    : quantity(values.valeurs[rank], choroplethe.unite, choroplethe.decimales);
  const short = choroplethe.titre_court ?? choroplethe.titre;
  const why = values.raisons.get(code);
  return [`${short}\u00a0: ${found}`, ...(why ? [why] : [])];
}

export class Reading {
  /**
   * @param {object} map
   * @param {object} content what is on the map
   * @param {object} host tooltip, list, busy(), gone(), aiming(), motion(), say(text), centre()
   */
  constructor(map, content, host) {
    this.map = map;
    this.content = content;
    this.host = host;
    this.tooltip = host.tooltip;
    this.list = host.list;
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout", () => this.tooltip.hide());
    map.on("movestart", () => this.tooltip.hide());
    map.on("click", (event) => this.pick(event.point));
  }

  /** Name and value of the territory at a point of the map, and the PTCE known at its scale. */
  territoryAt({ x, y }) {
    const { niveau, choroplethe } = this.content.data;
    const [feature] = this.map.queryRenderedFeatures([x, y], { layers: [`fond-${niveau}`] });
    if (!feature) return [];
    const lines = [String(feature.properties.nom ?? feature.id)];
    const { values } = this.content;
    if (choroplethe && values?.niveau === niveau && values.url === choroplethe.url) {
      const code = String(feature.properties.code);
      lines.push(...valueLines(choroplethe, values, code));
      const { other } = this.content;
      if (other?.niveau === niveau) {
        const before = other.valeurs[other.rank.get(code)];
        const said = quantity(before, choroplethe.unite, choroplethe.decimales);
        lines.push(`${textes.en(other.nom)}\u00a0: ${said}`);
      }
    }
    const { cercles } = this.content.data;
    const { circles } = this.content;
    const value = circles?.byCode.get(String(feature.properties.code));
    // Without a circle a value may be zero or unknown: nothing is said.
    if (cercles && circles?.url === cercles.url && value !== undefined) {
      lines.push(`${cercles.titre_court}\u00a0: ${quantity(value, "", 0)}`);
    }
    if (this.content.ptce?.zones.length) {
      const zones = Object.keys(LEVELS)
        .map((level) => `zone-${level}-fill`)
        .filter((id) => this.map.getLayer(id));
      for (const hit of this.map.queryRenderedFeatures([x, y], { layers: zones })) {
        const zone = this.content.ptce.zones.find(
          (z) => hit.layer.id === `zone-${z.niveau}-fill` && z.code === hit.properties.code,
        );
        if (zone) lines.push(sayZone(zone, hit.properties.nom));
      }
    }
    return lines;
  }

  hover({ point, originalEvent }) {
    if (this.host.busy() || this.list.isOpen || this.map.isMoving()) return;
    if (originalEvent?.sourceCapabilities?.firesTouchEvents) return;
    this.hoverAt = point;
    this.hoverFrame ??= requestAnimationFrame(() => {
      this.hoverFrame = null;
      if (this.host.gone() || this.host.busy()) return;
      const hits = this.hits(this.hoverAt);
      this.map.getCanvas().style.cursor = hits.length ? "pointer" : "";
      const lines = hits.length ? this.describeHits(hits) : this.territoryAt(this.hoverAt);
      this.tooltip.show(this.hoverAt, lines);
    });
  }

  hits(point) {
    if (!this.map.getLayer("structures")) return [];
    return this.map.queryRenderedFeatures(
      [[point.x - PICK_PX, point.y - PICK_PX], [point.x + PICK_PX, point.y + PICK_PX]],
      { layers: ["ptce", "structures"] },
    );
  }

  /** Structures behind the first mark that holds several places, null when none does. */
  clusterOf(hits) {
    for (const hit of hits) {
      if (hit.source !== "structures" || hit.properties.n < 2) continue;
      const members = this.content.structures.membersOf(hit);
      if (members.length && !this.content.structures.together(members)) return members;
    }
    return null;
  }

  describeHits(hits) {
    const cluster = this.clusterOf(hits);
    if (cluster) return [sayStructures(cluster.length), textes.cliquerZoom];
    const items = this.itemsOf(hits);
    if (items.length !== 1) return [this.countItems(items), textes.cliquerListe];
    const [item] = items;
    const entry = item.ptce ? this.ptceEntry(item.row) : this.content.structures.entry(item.row);
    if (entry === null) {
      this.askName(item.row);
      return [textes.nomEnRoute];
    }
    return [entry.nom, entry.details].filter(Boolean);
  }

  /** Ask for the name of a structure the pointer rests on, and show it if it is still there. */
  askName(row) {
    clearTimeout(this.nameTimer);
    const at = this.hoverAt;
    this.nameTimer = setTimeout(() => {
      this.content.structures.entries([row]).then(
        () => {
          const still = Math.hypot(at.x - this.hoverAt.x, at.y - this.hoverAt.y) < PICK_PX;
          if (still && this.tooltip.isOpen) this.hover({ point: this.hoverAt });
        },
        (error) => {
          console.error(error);
          if (this.tooltip.isOpen) this.tooltip.show(this.hoverAt, [textes.sansNoms]);
        },
      );
    }, HOVER_DELAY);
  }

  countItems(items) {
    const ptce = items.filter((e) => e.ptce).length;
    const parts = [];
    if (items.length > ptce) parts.push(sayStructures(items.length - ptce));
    if (ptce) parts.push(`${ptce} PTCE`);
    return parts.join(", ");
  }

  /** Rows behind the features, once each: {ptce, row}. */
  itemsOf(hits) {
    const items = new Map();
    for (const hit of hits) {
      const ptce = hit.source === "ptce";
      const { structures } = this.content;
      const rows = ptce
        ? this.content.ptce?.places[hit.properties.p]
        : structures.rowsOf(structures.membersOf(hit));
      for (const row of rows ?? []) items.set(`${ptce} ${row}`, { ptce, row });
    }
    return [...items.values()];
  }

  ptceEntry(row) {
    const { columns } = this.content.ptce;
    const details = [textes.ptce, columns.filiere?.[row], columns.commune?.[row]];
    return { nom: String(columns.nom[row] ?? ""), details: details.filter(Boolean).join(" · ") };
  }

  /** Entries of a part of a list, in its order. */
  async entriesOf(items) {
    const rows = items.filter((item) => !item.ptce).map((item) => item.row);
    const named = rows.length ? await this.content.structures.entries(rows) : [];
    return [...items.filter((item) => item.ptce).map((item) => this.ptceEntry(item.row)), ...named];
  }

  pick(point) {
    if (this.host.busy()) return;
    const hits = this.hits(point);
    const cluster = this.clusterOf(hits);
    if (cluster && this.map.getZoom() < CLOSEST - 0.01) {
      this.approach(cluster);
      return;
    }
    const items = this.itemsOf(hits).sort((a, b) => b.ptce - a.ptce || a.row - b.row);
    if (items.length) {
      if (this.hoverFrame) cancelAnimationFrame(this.hoverFrame);
      this.hoverFrame = null;
      this.tooltip.hide();
      this.list.open({
        title: this.countItems(items),
        total: items.length,
        page: (from, to) => this.entriesOf(items.slice(from, to)),
      });
      return;
    }
    this.list.close();
    this.tooltip.show(point, this.territoryAt(point));
  }

  /** Zoom where the members of a cluster spread over the view, by one step at least. */
  approach(members) {
    const [west, south, east, north] = this.content.structures.extent(members);
    const { zoom } = this.map.cameraForBounds([[west, south], [east, north]], { padding: 60 });
    const centre = [(west + east) / 2, (south + north) / 2];
    const next = Math.min(CLOSEST, Math.max(zoom, Math.floor(this.map.getZoom()) + 1.3));
    this.map.easeTo({ center: centre, zoom: next, ...this.host.motion() });
  }

  announceCentre() {
    if (this.host.gone() || document.activeElement !== this.map.getCanvas()) return;
    const lines = this.territoryAt(this.host.centre());
    this.host.say(`${textes.auCentre}\u00a0: ${lines.length ? lines.join(", ") : textes.horsFrance}.`);
    if (this.host.aiming()) this.tooltip.show(this.host.centre(), lines);
  }

  /** Enter: what stands at the centre of the map, else the name of the territory. */
  readCentre() {
    if (this.hits(this.host.centre()).length) this.pick(this.host.centre());
    else this.announceCentre();
  }
}
