// What a picture costs where there is no graphics card: fewer of the map, less of the page.

const PAUSE_MS = 400; // on a slow line, what has come is shown that often

/**
 * Until the first complete picture, make the map wait for all its tiles before it draws again: each
 * picture of France costs the hundred milliseconds in which, without a graphics card, the next tile
 * could have been read.
 */
export function holdRepaints(map) {
  const repaint = map.triggerRepaint;
  let timer = null;
  const draw = () => {
    clearTimeout(timer);
    timer = null;
    repaint.call(map);
  };
  map.triggerRepaint = () => {
    if (map.areTilesLoaded()) draw();
    else timer ??= setTimeout(draw, PAUSE_MS);
  };
  map.once("idle", () => {
    clearTimeout(timer);
    delete map.triggerRepaint;
  });
}

/**
 * Make a map whose canvas hides what is behind it, as its sea does anyway: the browser then draws
 * the page without blending it, at each of its frames. MapLibre always asks for transparency.
 * @param {() => Map} make
 */
export function opaque(make) {
  const { prototype } = HTMLCanvasElement;
  const { getContext } = prototype;
  prototype.getContext = function (kind, wanted) {
    return getContext.call(this, kind, /webgl/.test(kind) ? { ...wanted, alpha: false } : wanted);
  };
  try {
    return make();
  } finally {
    prototype.getContext = getContext;
  }
}
