// The first picture of the map, drawn once rather than at each tile that comes.

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
