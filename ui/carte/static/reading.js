// What lies under the pointer, or at the centre of the map for the keyboard.

import { LEVELS } from "./layers.js";
import { quantity, structures as sayStructures, textes, zone as sayZone } from "./textes.js";

const PICK_PX = 7;

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
      lines.push(...valueLines(choroplethe, values, String(feature.properties.code)));
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

  describeHits(hits) {
    const cluster = hits.find((f) => f.properties.cluster);
    if (cluster) return [sayStructures(cluster.properties.n), textes.cliquerZoom];
    const entries = this.entriesOf(hits);
    if (entries.length === 1) return [entries[0].nom, entries[0].details].filter(Boolean);
    return [`${this.countEntries(entries)}`, textes.cliquerListe];
  }

  countEntries(entries) {
    const ptce = entries.filter((e) => e.ptce).length;
    const parts = [];
    if (entries.length > ptce) parts.push(sayStructures(entries.length - ptce));
    if (ptce) parts.push(`${ptce} PTCE`);
    return parts.join(", ");
  }

  /** Rows behind the features, once each, as texts. */
  entriesOf(hits) {
    const entries = [];
    const seen = new Set();
    for (const { source, properties } of hits) {
      const key = `${source} ${properties.p}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const columns = source === "ptce" ? this.content.ptce?.columns : this.content.points?.columns;
      for (const row of (columns && this.content.places[source][properties.p]) ?? []) {
        entries.push(this.entry(source, columns, row));
      }
    }
    return entries;
  }

  entry(source, columns, row) {
    const family = columns.famille?.[row];
    const label =
      source === "ptce" ? textes.ptce : this.content.data.structures?.styles[family]?.libelle ?? family;
    const where = columns.commune?.[row];
    const rough = source !== "ptce" && columns.precision?.[row] === "commune";
    const details = [label, columns.filiere?.[row], where, rough ? textes.aLaCommune : null];
    return {
      nom: String(columns.nom[row] ?? ""),
      details: details.filter(Boolean).join(" · "),
      ptce: source === "ptce",
    };
  }

  async pick(point) {
    if (this.host.busy()) return;
    const hits = this.hits(point);
    const cluster = hits.find((f) => f.properties.cluster);
    if (cluster) {
      const source = this.map.getSource("structures");
      const zoom = await source.getClusterExpansionZoom(cluster.properties.cluster_id);
      this.map.easeTo({ center: cluster.geometry.coordinates, zoom: zoom + 0.3, ...this.host.motion() });
      return;
    }
    const entries = this.entriesOf(hits);
    if (entries.length) {
      if (this.hoverFrame) cancelAnimationFrame(this.hoverFrame);
      this.hoverFrame = null;
      this.tooltip.hide();
      this.list.open({ title: this.countEntries(entries), entries });
      return;
    }
    this.list.close();
    this.tooltip.show(point, this.territoryAt(point));
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
