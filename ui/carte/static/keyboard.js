// Keys of the focused map and of the two handles of the perimeter.

const SHIFT_PX = 12;

const ARROWS = {
  ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
};

/** @param {HTMLElement} root @param {object} map see carte.js: gesture, zone, overlay, canvas(), … */
export function listenKeys(root, { gesture, zone, drawZone, overlay, canvas, readCentre, closeList }) {
  root.addEventListener("keydown", (event) => {
    // Streamlit's own single-key shortcuts (R, C) must not act while the map has the focus.
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) {
      // AltGr is how [ and ] are typed on a French keyboard: it reports Ctrl + Alt.
      if (!(event.key === "[" || event.key === "]")) return;
    }
    if (event.key === "Escape") {
      if (zone.cancel() || gesture.cancel() || closeList()) event.preventDefault();
      return;
    }
    const onMap = event.target === canvas();
    const onHandle = event.target === overlay.centre || event.target === overlay.edge;
    if (!onMap && !onHandle) return;
    const done =
      (onHandle ? handleKey(event, gesture, overlay) : null) ??
      zoneKey(event, zone, drawZone) ??
      mapKey(event, gesture, readCentre);
    if (done) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, { capture: false });
}

/** Keys of a zone; null leaves the key to the perimeter, false to the map itself. */
function zoneKey(event, zone, drawZone) {
  if (event.key === "z" || event.key === "Z") {
    drawZone();
    return true;
  }
  if (!zone.armed) return null;
  const arrow = ARROWS[event.key];
  if (arrow !== undefined) {
    if (event.shiftKey) zone.nudge(...arrow);
    else zone.aim();
    return event.shiftKey;
  }
  switch (event.key) {
    case " ":
      zone.addAtCentre();
      return true;
    case "Backspace":
    case "Delete": // what is in the hand, never the perimeter behind it
      zone.undo();
      return true;
    case "Enter":
      zone.close();
      return true;
    case "r":
    case "R":
      zone.cancel();
      return null;
    case "[":
    case "]":
    case "PageUp":
    case "PageDown":
      return true;
    default:
      return false;
  }
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
  const arrow = ARROWS[event.key];
  if (arrow === undefined) return event.key === "Enter" ? gesture.flush() || true : null;
  if (event.target === overlay.centre) gesture.shift(arrow[0] * SHIFT_PX, arrow[1] * SHIFT_PX);
  else gesture.resize(arrow[0] > 0 || arrow[1] < 0 ? 1 : -1);
  return true;
}
