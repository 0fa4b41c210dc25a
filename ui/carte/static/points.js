// Structures as typed arrays: which are shown, how many lie in a disc and what they are.

import { boxOf, distance, quickSquared } from "./geodesy.js";
import { placed } from "./packed.js";

const MARGIN = 0.001; // relative width, on each side of the limit, measured exactly (quick error: 0.0003)
const HALF_UNIT = 5e-8; // degrees

export class Points {
  /** @param {object} table what `unpack` gives */
  constructor(table) {
    this.table = table;
    const { rows, lon, lat } = placed(table);
    this.size = rows.length;
    this.rows = rows;
    this.lon = lon;
    this.lat = lat;
    // In the order of the places, which is that of the reading.
    this.trade = rows.map((row) => table.filiere[row]);
    this.staff = rows.map((row) => table.effectif[row]);
    this.home = rows.map((row) => table.commune[row]);
    this.shownRows = new Uint8Array(table.lignes).fill(1);
    this.shown = new Uint8Array(this.size).fill(1);
  }

  /** Apply a bitset over the rows of the table (LSB first), base64; null shows everything. */
  setMask(mask) {
    if (mask === null || mask === undefined) {
      this.shownRows.fill(1);
      this.shown.fill(1);
      return;
    }
    const bits = Uint8Array.from(atob(mask), (c) => c.charCodeAt(0));
    for (let row = 0; row < this.table.lignes; row++) {
      this.shownRows[row] = (bits[row >> 3] >> (row & 7)) & 1;
    }
    for (let k = 0; k < this.size; k++) this.shown[k] = this.shownRows[this.rows[k]];
  }

  /**
   * What is shown at a geodesic distance ≤ km, and in communes wherever it is there.
   * @param {string[]} communes codes of those the disc holds whole, the commune of its centre
   * @returns {{total, staff, unknown, trades}} number of structures, fewest employees of those
   *   whose size is known, number of the others, and [name, number] by trade, the largest first
   */
  tally(lon, lat, km, communes = []) {
    const { trade, staff, home, shown } = this;
    const trades = new Uint32Array(this.table.filieres.length);
    const sizes = new Uint32Array(this.table.effectifs.length);
    const whole = this.flags(communes);
    const [dLon, dLat] = boxOf(lat, km);
    const inner = (km * (1 - MARGIN)) ** 2, outer = (km * (1 + MARGIN)) ** 2;
    const end = this.firstAbove(lat + dLat);
    for (let k = this.firstAbove(lat - dLat - 1e-12); k < end; k++) {
      if (shown[k] === 0) continue;
      const dx = this.lon[k] - lon;
      if (dx > dLon || dx < -dLon) continue;
      const y = this.lat[k];
      const squared = quickSquared(dx, y - lat, (y + lat) / 2);
      if (squared > outer) continue;
      if (squared > inner && distance(lon, lat, this.lon[k], y) > km) continue;
      if (whole !== null && whole[home[k]] === 1) continue; // counted below
      trades[trade[k]]++;
      sizes[staff[k]]++;
    }
    if (whole !== null) {
      const { commune, filiere, effectif, lignes } = this.table;
      for (let row = 0; row < lignes; row++) {
        if (whole[commune[row]] === 0 || this.shownRows[row] === 0) continue;
        trades[filiere[row]]++;
        sizes[effectif[row]]++;
      }
    }
    return this.summary(trades, sizes);
  }

  /** By rank of commune: is it one of these? null when the list has none of them. */
  flags(communes) {
    const ranks = communes.map((code) => this.table.communes.indexOf(code)).filter((r) => r >= 0);
    if (ranks.length === 0) return null;
    const flags = new Uint8Array(this.table.communes.length);
    for (const rank of ranks) flags[rank] = 1;
    return flags;
  }

  summary(trades, sizes) {
    const { filieres, effectifs } = this.table;
    let total = 0, staff = 0, unknown = 0;
    sizes.forEach((count, rank) => {
      total += count;
      if (effectifs[rank] === null) unknown += count;
      else staff += count * effectifs[rank];
    });
    const byTrade = new Map();
    trades.forEach((count, rank) => {
      if (count === 0) return;
      for (const name of filieres[rank]) byTrade.set(name, (byTrade.get(name) ?? 0) + count);
    });
    return { total, staff, unknown, trades: [...byTrade].sort((a, b) => b[1] - a[1]) };
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

  /** Do these points stand at one place, to a metre? @param {number[]} members indices */
  together(members) {
    const [first] = members;
    const reach = 1e-5 + HALF_UNIT;
    return members.every((k) =>
      Math.abs(this.lon[k] - this.lon[first]) < reach &&
      Math.abs(this.lat[k] - this.lat[first]) < reach);
  }
}
