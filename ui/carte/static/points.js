// Structures as typed arrays: which are shown, how many lie in a disc, which share a place.

import { boxOf, distance, quickSquared } from "./geodesy.js";

const MARGIN = 0.001; // relative width, on each side of the limit, measured exactly (quick error: 0.0003)

export class Points {
  /** @param {object} columns column-wise JSON: lon, lat, nom, famille, … (same lengths) */
  constructor(columns) {
    this.columns = columns;
    const rows = columns.lon.length;
    const order = [];
    for (let i = 0; i < rows; i++) {
      if (Number.isFinite(columns.lon[i]) && Number.isFinite(columns.lat[i])) order.push(i);
    }
    order.sort((a, b) => columns.lat[a] - columns.lat[b]);
    this.size = order.length;
    this.rows = Uint32Array.from(order);
    this.lon = Float64Array.from(order, (i) => columns.lon[i]);
    this.lat = Float64Array.from(order, (i) => columns.lat[i]);
    this.shown = new Uint8Array(this.size).fill(1);
  }

  /** Apply a bitset over the rows of the table (LSB first), base64; null shows everything. */
  setMask(mask) {
    if (mask === null || mask === undefined) {
      this.shown.fill(1);
      return;
    }
    const bits = Uint8Array.from(atob(mask), (c) => c.charCodeAt(0));
    for (let k = 0; k < this.size; k++) {
      const row = this.rows[k];
      this.shown[k] = (bits[row >> 3] >> (row & 7)) & 1;
    }
  }

  /** Number of shown points at a geodesic distance ≤ km. */
  count(lon, lat, km) {
    const [dLon, dLat] = boxOf(lat, km);
    const inner = (km * (1 - MARGIN)) ** 2, outer = (km * (1 + MARGIN)) ** 2;
    const end = this.firstAbove(lat + dLat);
    let total = 0;
    for (let k = this.firstAbove(lat - dLat - 1e-12); k < end; k++) {
      if (this.shown[k] === 0) continue;
      const dx = this.lon[k] - lon;
      if (dx > dLon || dx < -dLon) continue;
      const y = this.lat[k];
      const squared = quickSquared(dx, y - lat, (y + lat) / 2);
      if (squared <= inner) total++;
      else if (squared <= outer && distance(lon, lat, this.lon[k], y) <= km) total++;
    }
    return total;
  }

  /** Index of the first point whose latitude is above the value (binary search). */
  firstAbove(latitude) {
    let low = 0, high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.lat[middle] > latitude) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /**
   * Shown points grouped by exact place.
   * @param {(row: number) => string} styleOf picture of a row that stands alone
   * @returns {{features: object[], places: number[][]}} GeoJSON points {n, f, p}: number of rows,
   *   picture of the first one, place; and the rows of each place.
   */
  places(styleOf) {
    const byPlace = new Map();
    for (let k = 0; k < this.size; k++) {
      if (this.shown[k] === 0) continue;
      const place = this.lon[k].toFixed(5) + " " + this.lat[k].toFixed(5);
      const rows = byPlace.get(place);
      if (rows === undefined) byPlace.set(place, [k]);
      else rows.push(k);
    }
    const features = [], places = [];
    for (const members of byPlace.values()) {
      const rows = members.map((k) => this.rows[k]);
      features.push({
        type: "Feature",
        geometry: { type: "Point", coordinates: [this.lon[members[0]], this.lat[members[0]]] },
        properties: {
          n: rows.length,
          f: styleOf(rows[0]),
          p: places.length,
        },
      });
      places.push(rows);
    }
    return { features, places };
  }
}
