// Messages in the map when something of it is missing, with a button to try again.

import { element } from "./dom.js";
import { textes } from "./textes.js";

export class Alerts {
  constructor() {
    this.shown = new Map();
    this.box = element("div", { class: "pm-alertes", role: "status" });
  }

  /** Show, replace or (text null) remove the message of one part of the map. */
  set(part, text, retry = null) {
    if (this.shown.get(part)?.text === text) return;
    this.shown.get(part)?.node.remove();
    this.shown.delete(part);
    if (!text) return;
    const node = element("div", { class: "pm-alerte" }, [element("span", { text })]);
    if (retry) {
      const button = element("button", {
        type: "button", class: "pm-bouton pm-bouton--principal", text: textes.reessayer,
      });
      button.addEventListener("click", () => {
        this.set(part, null);
        retry();
      });
      node.append(button);
    }
    this.shown.set(part, { text, node });
    this.box.append(node);
  }
}
