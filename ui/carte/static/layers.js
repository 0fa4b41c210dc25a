// The style of the map: sources, layers and their colours. Each territory carries its colour as
// feature-state, so that another indicator or other classes send and cut no contour again: a style
// that named the classes would change with them.

import { bubble, counted, figure, hatching, marker, placeName } from "./icons.js";

export const LEVELS = {
  commune: "communes",
  epci: "epci",
  departement: "departements",
  region: "regions",
};

const CLUSTER = "#2b3f46";

/**
 * Style of the first picture. It is complete from the start: each later change of a colour, a
 * pattern or a visibility makes MapLibre cut every tile again.
 */
export function baseStyle(tiles, { niveau, choroplethe, contours, fond, couleurs }) {
  const coloured = Boolean(choroplethe);
  const shown = outlinesShown(contours);
  const fills = Object.entries(LEVELS).map(([level, layer]) => ({
    id: `fond-${level}`,
    type: "fill",
    source: "territoires",
    "source-layer": layer,
    layout: { visibility: visibility(level === niveau) },
    paint: {
      "fill-color": level === niveau ? fillColour(coloured, couleurs.terre) : couleurs.terre,
      "fill-opacity": levelOpacity(coloured, fond),
      "fill-antialias": false,
    },
  }));
  const line = (level, width, opacity, minzoom = 0) => ({
    id: `trait-${level}`,
    type: "line",
    source: "territoires",
    "source-layer": LEVELS[level] ?? "arrondissements",
    minzoom,
    layout: { visibility: visibility(shown[level]), "line-join": "round" },
    paint: {
      "line-color": couleurs.trait,
      "line-opacity": opacity,
      "line-width": ["interpolate", ["linear"], ["zoom"], 5, width * 0.5, 10, width],
    },
  });
  return {
    version: 8,
    sources: {
      territoires: {
        type: "vector",
        tiles: [tiles],
        minzoom: 4,
        maxzoom: 10,
        promoteId: "code",
      },
    },
    layers: [
      { id: "mer", type: "background", paint: { "background-color": couleurs.mer } },
      {
        id: "terre",
        type: "fill",
        source: "territoires",
        "source-layer": "regions",
        layout: { visibility: visibility(!fond) },
        paint: {
          "fill-color": couleurs.terre,
          "fill-antialias": false,
          ...(coloured ? { "fill-pattern": "absente:" } : {}),
        },
      },
      ...fills,
      line("commune", 0.9, 0.45, 8),
      line("arrondissement", 0.9, 0.45, 10),
      line("epci", 1.3, 0.6),
      line("departement", 1.5, 0.75),
      line("region", 2.4, 0.9),
    ],
  };
}

function visibility(shown) {
  return shown ? "visible" : "none";
}

const SOFTNESS = 0.18; // share of the land in a class colour: signs and outlines stand out better

/**
 * A class colour ("#rrggbb") lightened by the land, for the map and its legend alike. Mixed here
 * rather than drawn see-through: the hatching of missing values lies below.
 */
export function soften(colour, land) {
  const part = (text, i) => parseInt(text.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) =>
    Math.round(part(colour, i) * (1 - SOFTNESS) + part(land, i) * SOFTNESS));
  return `rgb(${mixed.join(", ")})`;
}

/** The colour each territory carries; without a state the land shows. */
function fillColour(coloured, land) {
  return coloured ? ["to-color", ["feature-state", "k"], land] : land;
}

/** Colours by class, then that of a missing value: hatched, or a grey veil on a raster. */
function shadesOf(classes, ground, land) {
  const absent = ground ? "rgba(110, 122, 128, 0.75)" : "rgba(0, 0, 0, 0)";
  return [...classes.map(({ couleur }) => (ground ? couleur : soften(couleur, land))), absent];
}

/** Without classes, over a raster, a level only serves to name what is under the pointer. */
function levelOpacity(coloured, ground) {
  if (!ground) return 1;
  return coloured ? 0.6 : 0;
}

/** Show one level, each territory in its colour or all in that of the land. */
export function setLevel(map, level, coloured, ground, land) {
  for (const other of Object.keys(LEVELS)) {
    const id = `fond-${other}`;
    if (other === level) {
      map.setPaintProperty(id, "fill-color", fillColour(coloured, land));
      map.setPaintProperty(id, "fill-opacity", levelOpacity(coloured, ground));
    }
    map.setLayoutProperty(id, "visibility", visibility(other === level));
  }
}

/**
 * Class of each value: rank of the first limit that is not under it, −1 where it is missing.
 * Values come rounded as they are written, and limits have no more decimals.
 */
export function classesOf(values, limits) {
  return values.map((value) => {
    if (value === null) return -1;
    let rank = 0;
    while (rank < limits.length && limits[rank] < value) rank++;
    return rank;
  });
}

/**
 * Give each territory the colour of its class; those of the former values fall back to absent.
 * @param {{codes: string[], ranks: number[]}} values class of each code, −1 where it is missing
 */
export function setStates(map, level, { codes, ranks }, former, { classes, ground, land }) {
  const shades = shadesOf(classes, ground, land);
  const target = { source: "territoires", sourceLayer: LEVELS[level], id: "" };
  if (former !== null && former.niveau === level) {
    const kept = new Set(codes);
    for (const code of former.codes) {
      if (!kept.has(code)) map.setFeatureState({ ...target, id: code }, { k: shades.at(-1) });
    }
  }
  for (let i = 0; i < codes.length; i++) {
    target.id = codes[i];
    map.setFeatureState(target, { k: shades.at(ranks[i]) });
  }
}

function outlinesShown(contours) {
  return {
    commune: contours?.communes,
    arrondissement: contours?.communes,
    epci: contours?.epci,
    departement: contours?.departements,
    region: contours?.regions,
  };
}

/** Switch the outlines of the levels. */
export function setOutlines(map, contours) {
  for (const [level, shown] of Object.entries(outlinesShown(contours))) {
    map.setLayoutProperty(`trait-${level}`, "visibility", visibility(shown));
  }
}

/** Register the pictures asked by the layers when they first need them. */
export function drawMissingImages(map, context) {
  map.on("styleimagemissing", ({ id }) => {
    if (map.hasImage(id)) return;
    const [kind, rest] = [id.slice(0, id.indexOf(":")), id.slice(id.indexOf(":") + 1)];
    if (kind === "grappe") map.addImage(id, ...bubble(Number(rest), CLUSTER));
    else if (kind === "nombre") map.addImage(id, ...figure(Number(rest), CLUSTER));
    else if (kind === "structure") {
      const cut = rest.indexOf("|");
      map.addImage(id, ...marker(rest.slice(0, cut), rest.slice(cut + 1)));
    } else if (kind === "ptce") {
      const { forme, couleur } = context.ptceStyle();
      const count = Number(rest);
      map.addImage(id, ...(count > 1 ? counted(count, forme, couleur) : marker(forme, couleur, 11)));
    } else if (kind === "repere") {
      const cut = rest.indexOf(":");
      map.addImage(id, ...placeName(rest.slice(cut + 1), Number(rest.slice(0, cut))));
    } else if (kind === "absente") map.addImage(id, ...hatching("#8d979b", "#e3e5e4"));
    else if (kind === "zone") {
      map.addImage(id, ...hatching(context.ptceStyle().couleur, null, 12, 1.3));
    }
  });
}

const emptyCollection = { type: "FeatureCollection", features: [] };

/** Sources and layers of the points, above every contour. */
export function addPointLayers(map) {
  map.addSource("structures", { type: "geojson", data: emptyCollection });
  map.addSource("ptce", { type: "geojson", data: emptyCollection });
  map.addSource("reperes", { type: "geojson", data: emptyCollection });
  map.addLayer({
    id: "reperes",
    type: "symbol",
    source: "reperes",
    filter: ["<=", ["get", "z"], ["zoom"]],
    layout: {
      "icon-image": [
        "concat", "repere:", ["case", ["<", ["get", "z"], 6], "13", "12"], ":", ["get", "nom"],
      ],
      "symbol-sort-key": ["get", "rang"],
      "icon-padding": 6,
    },
  });
  // Never hidden themselves, but the names of towns make room for them.
  const shared = { "icon-allow-overlap": true };
  map.addLayer({
    id: "structures",
    type: "symbol",
    source: "structures",
    layout: {
      ...shared,
      "icon-image": [
        "case",
        [">", ["get", "n"], 1],
        ["concat", "grappe:", ["to-string", ["get", "r"]]],
        ["concat", "structure:", ["get", "f"]],
      ],
    },
  });
  map.addLayer({
    id: "ptce",
    type: "symbol",
    source: "ptce",
    layout: {
      ...shared,
      "icon-image": ["concat", "ptce:", ["to-string", ["get", "n"]]],
      // Smaller from afar, where they would cover the groups below.
      "icon-size": ["interpolate", ["linear"], ["zoom"], 5, 0.7, 8, 1],
    },
  });
  // Above the signs of the PTCE, which would hide a count and make another of it.
  map.addLayer({
    id: "nombres",
    type: "symbol",
    source: "structures",
    filter: [">", ["get", "n"], 1],
    layout: { ...shared, "icon-image": ["concat", "nombre:", ["to-string", ["get", "n"]]] },
  });
}

/**
 * Outline the territories of the PTCE known only at their scale, and hatch the smaller ones:
 * hatching whole regions would hide the map.
 */
export function setZones(map, zones, colour) {
  for (const [level, layer] of Object.entries(LEVELS)) {
    const codes = zones.filter((z) => z.niveau === level).map((z) => z.code);
    const filter = ["in", ["get", "code"], ["literal", codes]];
    const paints = {
      fill:
        level === "region"
          ? { "fill-color": colour, "fill-opacity": 0 } // there for the pointer only
          : { "fill-pattern": "zone:", "fill-opacity": 0.6 },
      line: {
        "line-color": colour,
        "line-width": level === "region" ? 1 : 1.6,
        "line-dasharray": [3, 2],
      },
    };
    for (const [type, paint] of Object.entries(paints)) {
      const id = `zone-${level}-${type}`;
      if (map.getLayer(id)) map.removeLayer(id);
      if (codes.length === 0) continue;
      map.addLayer(
        { id, type, source: "territoires", "source-layer": layer, filter, paint },
        "reperes",
      );
    }
  }
}

/** Ground of the map: our land, hatched where a value is missing, or an outside raster. */
export function setBackground(map, ground, coloured) {
  if (map.getLayer("image")) map.removeLayer("image");
  if (map.getSource("image")) map.removeSource("image");
  const pattern = coloured ? "absente:" : undefined;
  if (map.getPaintProperty("terre", "fill-pattern") !== pattern) {
    map.setPaintProperty("terre", "fill-pattern", pattern);
  }
  if (map.getLayoutProperty("terre", "visibility") !== visibility(!ground)) {
    map.setLayoutProperty("terre", "visibility", visibility(!ground));
  }
  if (!ground) return;
  map.addSource("image", {
    type: "raster",
    tiles: [ground.tuiles],
    tileSize: 256,
    maxzoom: ground.zoom_max,
  });
  map.addLayer({ id: "image", type: "raster", source: "image" }, "terre");
}
