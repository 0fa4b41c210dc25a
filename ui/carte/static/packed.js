// The points of a list of structures as typed arrays: layers/packed.py says how they travel.

const UNIT = 1e-7; // degrees
export const NOWHERE = -(2 ** 31);
const TYPES = { i4: Int32Array, u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };
const COLUMNS = ["lon", "lat", "famille", "filiere", "effectif", "commune"];

/**
 * @param {ArrayBuffer} buffer
 * @returns {{lignes, lon, lat, famille, filiere, effectif, commune, familles, filieres, effectifs,
 *   communes}} columns of the same length; the plural ones are what their codes stand for
 */
export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const { colonnes, ...table } = JSON.parse(
    new TextDecoder().decode(new Uint8Array(buffer, 4, length)),
  );
  for (const name of COLUMNS) {
    const { type, debut } = colonnes[name];
    table[name] = new TYPES[type](buffer, 4 + length + debut, table.lignes);
  }
  return table;
}

/** The rows of everyone, then those only this person has (columns of `structure_columns`). */
export function withOwn(table, own) {
  if (!own) return table;
  const rows = own.nom.length;
  const degrees = (values) =>
    values.map((value) => (Number.isFinite(value) ? Math.round(value / UNIT) : NOWHERE));
  const both = {
    ...table,
    lignes: table.lignes + rows,
    lon: joined(table.lon, degrees(own.lon), Int32Array),
    lat: joined(table.lat, degrees(own.lat), Int32Array),
  };
  for (const [column, codes, values] of [
    ["famille", "familles", own.famille],
    ["filiere", "filieres", own.filieres],
    ["effectif", "effectifs", own.effectif],
    ["commune", "communes", own.code],
  ]) {
    const known = [...table[codes]];
    const ranks = new Map(known.map((value, rank) => [JSON.stringify(value), rank]));
    const added = values.map((value) => {
      const key = JSON.stringify(value);
      if (!ranks.has(key)) ranks.set(key, known.push(value) - 1);
      return ranks.get(key);
    });
    both[codes] = known;
    both[column] = joined(table[column], added, Uint32Array);
  }
  return both;
}

function joined(first, second, Type) {
  const all = new Type(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Rows whose place is known, from south to north, and their places in degrees. */
export function placed({ lignes, lon, lat }) {
  // Sorted as numbers "latitude, row": far faster than comparing rows two by two.
  const ROWS = 2 ** 22;
  let size = 0;
  const keys = new Float64Array(lignes);
  for (let row = 0; row < lignes; row++) {
    if (lat[row] !== NOWHERE && lon[row] !== NOWHERE) keys[size++] = lat[row] * ROWS + row;
  }
  const sorted = keys.subarray(0, size).sort();
  const rows = new Uint32Array(size);
  const x = new Float64Array(size), y = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const latitude = Math.floor(sorted[k] / ROWS);
    const row = sorted[k] - latitude * ROWS;
    rows[k] = row;
    x[k] = lon[row] * UNIT;
    y[k] = latitude * UNIT;
  }
  return { rows, lon: x, lat: y };
}
