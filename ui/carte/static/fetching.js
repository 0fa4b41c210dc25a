// Our own data: fetched once per address, retried on demand.

const cache = new Map();
const KEPT = 12;

/** Parsed JSON of an address; a failure is not kept, so that asking again tries again. */
export function fetchJson(url) {
  return fetchOnce(url, (response) => response.json());
}

/** Bytes of an address, the same buffer each time. */
export function fetchBytes(url) {
  return fetchOnce(url, (response) => response.arrayBuffer());
}

function fetchOnce(url, read) {
  if (!cache.has(url)) {
    const promise = fetch(url, { credentials: "same-origin" }).then((response) => {
      if (!response.ok) throw new Error(`${response.status} ${url}`);
      return read(response);
    });
    promise.catch(() => cache.delete(url));
    cache.set(url, promise);
    if (cache.size > KEPT) cache.delete(cache.keys().next().value);
  }
  return cache.get(url);
}

let engine = null;

/** MapLibre GL and its style sheet, loaded once per page. */
export function loadEngine(base) {
  if (engine === null) {
    const style = new Promise((resolve, reject) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = base + "maplibre-gl.css";
      link.onload = resolve;
      link.onerror = () => reject(new Error("maplibre-gl.css"));
      document.head.append(link);
    });
    const script = new Promise((resolve, reject) => {
      if (globalThis.maplibregl) return resolve();
      const element = document.createElement("script");
      element.src = base + "maplibre-gl.js";
      element.onload = resolve;
      element.onerror = () => reject(new Error("maplibre-gl.js"));
      document.head.append(element);
    });
    engine = Promise.all([style, script]).then(() => {
      const { maplibregl } = globalThis;
      // The biggest tiles take a second to cut: cut them side by side, in workers started early.
      maplibregl.setWorkerCount(Math.min(4, Math.max(2, navigator.hardwareConcurrency - 1)));
      maplibregl.prewarm();
      return maplibregl;
    });
    engine.catch(() => {
      engine = null;
    });
  }
  return engine;
}
