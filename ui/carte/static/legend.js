// The legend under the map: classes, missing value, marker shapes. It never covers the map.

import { element } from "./dom.js";
import { legendMarker } from "./icons.js";
import { soften } from "./layers.js";
import { textes } from "./textes.js";

export class Legend {
  constructor() {
    this.box = element("div", {
      class: "pm-legende", role: "group", "aria-label": textes.legende, hidden: true,
    });
    this.key = null;
  }

  update({ choroplethe, structures, ptce, couleurs }) {
    const key = JSON.stringify([choroplethe?.titre, choroplethe?.classes, structures?.styles,
      Boolean(ptce), ptce?.style, ptce?.zones?.length]);
    if (key === this.key) return;
    this.key = key;
    const parts = [];
    if (choroplethe) {
      parts.push(
        element("p", { class: "pm-legende__titre", text: choroplethe.titre }),
        element("ul", {}, [
          ...choroplethe.classes.map((c) => entry(swatch(soften(c.couleur, couleurs.terre)), c.libelle)),
          entry(swatch(null), choroplethe.absente?.libelle ?? textes.absente),
        ]),
      );
    }
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
