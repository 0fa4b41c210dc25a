// Points of a small table grouped by exact place.

/**
 * @param {{lon: number[], lat: number[]}} columns
 * @returns {{features: object[], places: number[][]}} GeoJSON points {n, p}: number of rows, place;
 *   and the rows of each place
 */
export function byPlace({ lon, lat }) {
  const found = new Map();
  lon.forEach((x, row) => {
    if (!Number.isFinite(x) || !Number.isFinite(lat[row])) return;
    const place = `${x.toFixed(5)} ${lat[row].toFixed(5)}`;
    const rows = found.get(place);
    if (rows === undefined) found.set(place, [row]);
    else rows.push(row);
  });
  const places = [...found.values()];
  const features = places.map((rows, p) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [lon[rows[0]], lat[rows[0]]] },
    properties: { n: rows.length, p },
  }));
  return { features, places };
}
