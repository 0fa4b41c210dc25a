// Keys of the focused map and of the two handles of the perimeter.

const SHIFT_PX = 12;

/** @param {HTMLElement} root @param {object} map see carte.js: gesture, toolbar, focused(), … */
export function listenKeys(root, { gesture, overlay, canvas, readCentre, closeList }) {
  root.addEventListener("keydown", (event) => {
    // Streamlit's own single-key shortcuts (R, C) must not act while the map has the focus.
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) {
      // AltGr is how [ and ] are typed on a French keyboard: it reports Ctrl + Alt.
      if (!(event.key === "[" || event.key === "]")) return;
    }
    if (event.key === "Escape") {
      if (gesture.cancel() || closeList()) event.preventDefault();
      return;
    }
    const onMap = event.target === canvas();
    const onHandle = event.target === overlay.centre || event.target === overlay.edge;
    if (!onMap && !onHandle) return;
    const action = onHandle ? handleKey(event, gesture, overlay) : null;
    const done = action ?? mapKey(event, gesture, readCentre);
    if (done) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, { capture: false });
}

function mapKey(event, gesture, readCentre) {
  switch (event.key) {
    case "r":
    case "R":
      gesture.drawAtCentre();
      return true;
    case "]":
    case "PageUp":
      gesture.resize(1);
      return true;
    case "[":
    case "PageDown":
      gesture.resize(-1);
      return true;
    case "Delete":
      gesture.remove();
      return true;
    case "Enter":
      if (!gesture.flush()) readCentre();
      return true;
    default:
      return false;
  }
}

function handleKey(event, gesture, overlay) {
  const arrows = {
    ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
  };
  const arrow = arrows[event.key];
  if (arrow === undefined) return event.key === "Enter" ? gesture.flush() || true : null;
  if (event.target === overlay.centre) gesture.shift(arrow[0] * SHIFT_PX, arrow[1] * SHIFT_PX);
  else gesture.resize(arrow[0] > 0 || arrow[1] < 0 ? 1 : -1);
  return true;
}
