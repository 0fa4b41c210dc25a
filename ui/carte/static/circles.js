// A quantity as circles of that surface, one a territory. They grow with the zoom, so that small
// communes become readable when near; at any one zoom, surfaces compare and the legend holds.

const LARGEST = 34; // pixels, radius of the largest value when far
const READABLE = 2; // pixels, radius under which a circle is not drawn
const FAR = 5, NEAR = 12; // zooms between which circles grow
const GROWTH = Math.SQRT2; // a zoom
const LEGEND_RADII = [22, 12, 5]; // pixels, about
const INK = "#1f2d33";

/** Radius in pixels of the largest value at a zoom. */
function largest(zoom) {
  return LARGEST * GROWTH ** (Math.min(Math.max(zoom, FAR), NEAR) - FAR);
}

/** Radius in pixels of a value at a zoom. @param {number} most the largest value of the map */
export function radius(value, most, zoom) {
  return largest(zoom) * Math.sqrt(value / most);
}

/** The number of 1, 2 or 5 × 10ⁿ next to a value, at least one: a count has no halves. */
function round(value) {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const near = [1, 2, 5, 10].map((step) => step * magnitude);
  return near.reduce((best, one) => (Math.abs(one - value) < Math.abs(best - value) ? one : best));
}

/** Up to three values and their radii, the largest first, for the legend at a zoom. */
export function samples(most, zoom) {
  const wanted = LEGEND_RADII.map((r) => round(most * (r / largest(zoom)) ** 2));
  return [...new Set(wanted)].map((value) => ({ value, radius: radius(value, most, zoom) }));
}

/** Columns of the values route as points; each says from which zoom it can be read. */
function features({ lon, lat, valeurs }) {
  const most = valeurs[0]; // largest first
  return valeurs.map((value, i) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [lon[i], lat[i]] },
    properties: {
      s: Math.sqrt(value / most),
      z: FAR + Math.log(READABLE / (LARGEST * Math.sqrt(value / most))) / Math.log(GROWTH),
    },
  }));
}

/** Draw circles under every sign of the map; null takes them away. */
export function setCircles(map, columns) {
  if (columns === null) {
    if (map.getLayer("cercles")) map.removeLayer("cercles");
    if (map.getSource("cercles")) map.removeSource("cercles");
    return;
  }
  const data = { type: "FeatureCollection", features: features(columns) };
  if (map.getSource("cercles")) {
    map.getSource("cercles").setData(data);
    return;
  }
  map.addSource("cercles", { type: "geojson", data });
  map.addLayer({
    id: "cercles",
    type: "circle",
    source: "cercles",
    filter: ["<=", ["get", "z"], ["zoom"]],
    layout: { "circle-sort-key": ["-", ["get", "s"]] },
    paint: {
      "circle-radius": [
        "interpolate", ["exponential", GROWTH], ["zoom"],
        FAR, ["*", ["get", "s"], largest(FAR)], NEAR, ["*", ["get", "s"], largest(NEAR)],
      ],
      "circle-color": "#ffffff",
      "circle-opacity": 0.3,
      "circle-stroke-color": INK,
      "circle-stroke-width": 1.2,
      "circle-stroke-opacity": 0.85,
    },
  }, map.getLayer("reperes") ? "reperes" : undefined);
}
