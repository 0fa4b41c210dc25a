// The scale bar: a round length, about a hundred pixels at the middle of the map.

import { element } from "./dom.js";
import { quantity } from "./textes.js";

export class Scale {
  constructor(stage) {
    this.stage = stage;
    this.box = element("div", { class: "pm-echelle", "aria-hidden": "true" });
  }

  draw(map) {
    const y = this.stage.clientHeight / 2, x = this.stage.clientWidth / 2;
    const a = map.unproject([x - 50, y]), b = map.unproject([x + 50, y]);
    const km = a.distanceTo(b) / 1000;
    const power = 10 ** Math.floor(Math.log10(km));
    const length = [5, 2, 1].map((k) => k * power).find((k) => k <= km) ?? km;
    this.box.style.width = `${((100 * length) / km).toFixed(0)}px`;
    this.box.textContent =
      length < 1 ? quantity(length * 1000, "m", 0) : quantity(length, "km", 0);
  }
}
