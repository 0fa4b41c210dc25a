// The legend under the map: classes, missing value, marker shapes. It never covers the map.

import { element, svg } from "./dom.js";
import { legendMarker } from "./icons.js";
import { soften } from "./layers.js";
import { number, textes } from "./textes.js";

const THIRDS = [0, 1, 2];
const CORNERS = [8, 6, 2, 0]; // both axes at their worst, each one alone, neither

export class Legend {
  constructor() {
    this.box = element("div", {
      class: "pm-legende", role: "group", "aria-label": textes.legende, hidden: true,
    });
    this.key = null;
  }

  update({ choroplethe, cercles, structures, ptce, couleurs }) {
    const key = JSON.stringify([cercles, choroplethe?.titre, choroplethe?.classes, choroplethe?.grille, structures?.styles,
      Boolean(ptce), ptce?.style, ptce?.zones?.length]);
    if (key === this.key) return;
    this.key = key;
    const parts = [];
    if (choroplethe) {
      const classes = choroplethe.classes.map(({ couleur, libelle }) => (
        { colour: soften(couleur, couleurs.terre), libelle }));
      const absent = entry(swatch(null), choroplethe.absente?.libelle ?? textes.absente);
      parts.push(
        element("p", { class: "pm-legende__titre", text: choroplethe.titre }),
        choroplethe.grille
          ? crossing(choroplethe, classes, absent)
          : element("ul", {}, [
            ...classes.map(({ colour, libelle }) => entry(swatch(colour), libelle)), absent,
          ]),
      );
    }
    if (cercles) parts.push(...circles(cercles));
    const signs = [];
    for (const style of Object.values(structures?.styles ?? {})) {
      signs.push(entry(legendMarker(style.forme, style.couleur), style.libelle));
    }
    if (ptce) {
      signs.push(entry(legendMarker(ptce.style.forme, ptce.style.couleur), ptce.style.libelle));
      if (ptce.zones?.length) {
        const zone = swatch(null);
        zone.className = "pm-legende__zone";
        zone.style.setProperty("--pm-zone", ptce.style.couleur);
        signs.push(entry(zone, ptce.zone));
      }
    }
    if (signs.length) parts.push(element("ul", {}, signs));
    this.box.replaceChildren(...parts);
    this.box.hidden = parts.length === 0;
  }
}

/**
 * Nine classes as a table, worst corner at the top right, beside its four corners in words. The
 * table alone is told to screen readers: it holds the corners too.
 */
function crossing({ titre, grille }, classes, absent) {
  const arrow = () => element("span", { "aria-hidden": "true", text: "\u00a0→" });
  const across = element("th", { scope: "colgroup", colspan: 3, text: grille.horizontal });
  across.append(arrow());
  const up = element("th", { scope: "rowgroup", rowspan: 3, class: "pm-grille__montant" }, [
    element("span", { text: grille.vertical }, [arrow()]),
  ]);
  const rows = [...THIRDS].reverse().map((a) =>
    element("tr", {}, [
      ...(a === 2 ? [up] : []),
      hidden("th", { scope: "row" }, grille.paliers_verticaux[a]),
      ...THIRDS.map((f) => {
        const { colour, libelle } = classes[3 * a + f];
        const cell = element("td", { title: libelle }, [hidden("span", {}, libelle)]);
        cell.style.backgroundColor = colour;
        return cell;
      }),
    ]));
  const heads = THIRDS.map((f) => hidden("th", { scope: "col" }, grille.paliers_horizontaux[f]));
  return element("div", { class: "pm-croisement" }, [
    element("table", { class: "pm-grille", "aria-label": titre }, [
      element("thead", {}, [
        element("tr", {}, [element("td", { colspan: 2 }), across]),
        element("tr", { class: "pm-grille__paliers" }, [element("td", { colspan: 2 }), ...heads]),
      ]),
      element("tbody", {}, rows),
    ]),
    element("div", {}, [
      element("ul", { "aria-hidden": "true" },
        CORNERS.map((k) => entry(swatch(classes[k].colour), classes[k].libelle))),
      element("ul", {}, [absent]),
    ]),
  ]);
}

/** Three circles in the size they have on the map at this zoom, and how to read the others. */
function circles({ titre, samples }) {
  return [
    element("p", { class: "pm-legende__titre", text: titre }),
    element("ul", {}, samples.map(({ value, radius }) => {
      const size = 2 * Math.ceil(radius) + 3;
      const sign = svg("svg", { width: size, height: size, "aria-hidden": "true" }, [
        svg("circle", {
          cx: size / 2, cy: size / 2, r: radius.toFixed(1),
          fill: "#ffffff", stroke: "#1f2d33", "stroke-width": 1.2,
        }),
      ]);
      return entry(sign, number(value));
    })),
    element("p", { class: "pm-legende__note", text: textes.cercles }),
  ];
}

function hidden(tag, attributes, text) {
  return element(tag, attributes, [element("span", { class: "pm-invisible", text })]);
}

function swatch(colour) {
  const node = element("span", {
    class: colour ? "pm-legende__classe" : "pm-legende__classe pm-legende__absente",
    "aria-hidden": "true",
  });
  if (colour) node.style.backgroundColor = colour;
  return node;
}

function entry(sign, text) {
  return element("li", {}, [sign, element("span", { text })]);
}
