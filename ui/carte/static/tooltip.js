// What is under the pointer (a small label that follows it) and what stands at one place (a list).

import { element, icon } from "./dom.js";
import { textes } from "./textes.js";

export class Tooltip {
  constructor(stage) {
    this.stage = stage;
    this.box = element("div", { class: "pm-bulle", "aria-hidden": "true", hidden: true });
    stage.append(this.box);
  }

  /** @param {{x, y}} at @param {string[]} lines the first one is emphasised; none hides */
  show(at, lines) {
    if (lines.length === 0) return this.hide();
    this.box.replaceChildren(
      ...lines.map((text, i) => element(i === 0 ? "strong" : "span", { text })),
    );
    this.box.hidden = false;
    const w = this.box.offsetWidth, h = this.box.offsetHeight;
    const width = this.stage.clientWidth, height = this.stage.clientHeight;
    let x = at.x + 14, y = at.y + 16;
    if (x + w > width - 4) x = at.x - w - 10;
    if (y + h > height - 4) y = at.y - h - 10;
    x = Math.max(4, Math.min(x, width - w - 4));
    y = Math.max(4, Math.min(y, height - h - 4));
    this.box.style.transform = `translate(${x.toFixed(0)}px, ${y.toFixed(0)}px)`;
  }

  get isOpen() {
    return !this.box.hidden;
  }

  hide() {
    this.box.hidden = true;
  }
}

const PAGE = 200; // entries added at a time: several thousand at one place must not freeze the page

export class PlaceList {
  /** @param {() => void} onClose gives the focus back */
  constructor(stage, onClose) {
    this.onClose = onClose;
    this.title = element("h3", { class: "pm-liste__titre", tabindex: "-1" });
    this.note = element("p", { class: "pm-liste__note", hidden: true });
    this.items = element("ul", { class: "pm-liste__lignes", tabindex: "0" });
    const close = element(
      "button",
      { type: "button", class: "pm-bouton pm-liste__fermer", "aria-label": textes.fermer },
      [icon("M5 5l10 10", "M15 5L5 15")],
    );
    close.addEventListener("click", () => this.close());
    this.box = element(
      "div",
      { class: "pm-liste", role: "dialog", "aria-label": textes.liste, hidden: true },
      [element("div", { class: "pm-liste__tete" }, [this.title, close]), this.note, this.items],
    );
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
      }
    });
    this.items.addEventListener("scroll", () => {
      const { scrollTop, clientHeight, scrollHeight } = this.items;
      if (scrollTop + clientHeight > scrollHeight - 120) this.more();
    });
    stage.append(this.box);
  }

  /**
   * @param {{title: string, total: number, page: Function}} content page(from, to) promises the
   *   entries {nom, details} of these ranks
   */
  open({ title, total, page }) {
    this.page = page;
    this.total = total;
    this.done = 0;
    this.asked = null;
    this.title.textContent = title;
    this.items.setAttribute("aria-label", title);
    this.note.hidden = true;
    this.items.replaceChildren();
    this.box.hidden = false;
    this.more();
    this.items.scrollTop = 0;
    this.title.focus({ preventScroll: true });
  }

  async more() {
    if (this.asked !== null || this.done >= this.total) return;
    const from = this.done, { page } = this;
    this.asked = page(from, Math.min(from + PAGE, this.total));
    try {
      const entries = await this.asked;
      if (this.page !== page) return; // another place was opened meanwhile
      this.done = Math.min(from + PAGE, this.total);
      this.note.hidden = true;
      this.items.append(
        ...entries.map(({ nom, details }) =>
          element("li", {}, [
            element("strong", { text: nom }),
            ...(details ? [element("span", { text: details })] : []),
          ]),
        ),
      );
    } catch (error) {
      if (this.page !== page) return;
      console.error(error);
      this.fail();
    }
    this.asked = null;
  }

  /** Say that a page did not come, and let it be asked again. */
  fail() {
    const again = element("button", { type: "button", class: "pm-bouton", text: textes.reessayer });
    again.addEventListener("click", () => {
      this.title.focus({ preventScroll: true });
      this.more();
    });
    this.note.replaceChildren(`${textes.sansNoms} `, again);
    this.note.hidden = false;
  }

  get isOpen() {
    return !this.box.hidden;
  }

  close() {
    if (this.box.hidden) return;
    this.box.hidden = true;
    this.onClose();
  }
}
