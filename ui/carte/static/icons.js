// Pictures drawn on a canvas: marker shapes, numbered bubbles, hatching. No image file, no font file.

import { number } from "./textes.js";

const TAU = 2 * Math.PI;

/** Corners of each shape on a circle of radius 1: [number of corners, rotation, inner radius]. */
const POLYGONS = {
  carre: [4, Math.PI / 4],
  losange: [4, 0],
  triangle: [3, -Math.PI / 2],
  triangle_bas: [3, Math.PI / 2],
  pentagone: [5, -Math.PI / 2],
  hexagone: [6, 0],
  etoile: [5, -Math.PI / 2, 0.48],
  croix: [4, Math.PI / 4, 0.42],
};

const SYNONYMS = {
  cercle: "rond", circle: "rond", disque: "rond", square: "carre", "carré": "carre",
  diamond: "losange", star: "etoile", "étoile": "etoile", cross: "croix", plus: "croix",
  pentagon: "pentagone", hexagon: "hexagone", "triangle-bas": "triangle_bas",
};

function canvas(width, height, ratio) {
  const surface = document.createElement("canvas");
  surface.width = Math.ceil(width * ratio);
  surface.height = Math.ceil(height * ratio);
  // Read back at once: a canvas kept out of the graphics card is much faster for that.
  const context = surface.getContext("2d", { willReadFrequently: true });
  context.scale(ratio, ratio);
  return [surface, context];
}

function picture(surface, context, ratio) {
  return [context.getImageData(0, 0, surface.width, surface.height), { pixelRatio: ratio }];
}

function trace(context, shape, x, y, radius) {
  const name = SYNONYMS[shape] ?? shape;
  context.beginPath();
  const polygon = POLYGONS[name];
  if (polygon === undefined) {
    context.arc(x, y, radius * 0.86, 0, TAU);
    return;
  }
  const [corners, turn, inner] = polygon;
  const steps = inner ? corners * 2 : corners;
  for (let i = 0; i < steps; i++) {
    const reach = inner && i % 2 ? radius * inner : radius;
    const angle = turn + (TAU * i) / steps;
    context.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  context.closePath();
}

function paint(context, colour, halo) {
  context.lineJoin = "round";
  context.lineWidth = halo;
  context.strokeStyle = "#ffffff";
  context.stroke();
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 0.8;
  context.strokeStyle = "rgba(20, 32, 36, 0.65)";
  context.stroke();
}

/** A shape in the middle of a canvas that has room for a circle of `radius`. */
function sign(shape, colour, radius, reach, ratio) {
  const side = radius * 2 + 6;
  const [surface, context] = canvas(side, side, ratio);
  trace(context, shape, side / 2, side / 2, reach);
  paint(context, colour, 3.5);
  return [surface, context];
}

/** One marker: [ImageData, options] for map.addImage. */
export function marker(shape, colour, size = 9, ratio = 2) {
  return picture(...sign(shape, colour, size, size, ratio), ratio);
}

/** The same marker for the legend, as a canvas element hidden from assistive technology. */
export function legendMarker(shape, colour) {
  const [surface, context] = canvas(18, 18, 2);
  trace(context, shape, 9, 9, 6.5);
  paint(context, colour, 2.5);
  surface.className = "pm-legende__signe";
  surface.setAttribute("aria-hidden", "true");
  return surface;
}

/** Radius of the bubble that holds a count, whole pixels: few pictures serve many counts. */
export function bubbleRadius(count) {
  return Math.round(Math.max(12 + 3.2 * Math.log10(count), 6 + number(count).length * 3.6));
}

/** A bubble without its count, that {@link figure} writes above all the signs. */
export function bubble(radius, colour, ratio = 2) {
  return picture(...sign("rond", colour, radius, radius / 0.86, ratio), ratio);
}

/** A count written the French way, outlined in the colour of its bubble. */
export function figure(count, colour, ratio = 2) {
  const side = bubbleRadius(count) * 2;
  const [surface, context] = canvas(side, side, ratio);
  write(context, count, side / 2, colour);
  return picture(surface, context, ratio);
}

/** A shape with a count. */
export function counted(count, shape, colour, ratio = 2) {
  const radius = bubbleRadius(count);
  const [surface, context] = sign(shape, colour, radius, radius * 1.1, ratio);
  write(context, count, radius + 3, colour);
  return picture(surface, context, ratio);
}

/** Write a count in the middle of a square canvas. */
function write(context, count, middle, outline) {
  const text = number(count);
  context.font = `600 ${bubbleRadius(count) > 18 ? 13 : 12}px system-ui, "Source Sans", sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = outline;
  context.strokeText(text, middle, middle + 0.5);
  context.fillStyle = "#ffffff";
  context.fillText(text, middle, middle + 0.5);
}

/** A place name with a light halo. */
export function placeName(name, size, ratio = 2) {
  const font = `600 ${size}px system-ui, "Source Sans", sans-serif`;
  let [surface, context] = canvas(1, 1, 1);
  context.font = font;
  const width = context.measureText(name).width + 10;
  [surface, context] = canvas(width, size + 10, ratio);
  context.font = font;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3.2;
  context.strokeStyle = "rgba(255, 255, 255, 0.92)";
  context.strokeText(name, width / 2, size / 2 + 5);
  context.fillStyle = "#22343a";
  context.fillText(name, width / 2, size / 2 + 5);
  return picture(surface, context, ratio);
}

/** Diagonal hatching that tiles without a seam: [ImageData, options]. */
export function hatching(line, ground, step = 8, width = 1.6, ratio = 2) {
  const [surface, context] = canvas(step, step, ratio);
  if (ground) {
    context.fillStyle = ground;
    context.fillRect(0, 0, step, step);
  }
  context.strokeStyle = line;
  context.lineWidth = width;
  for (const shift of [-step, 0, step]) {
    context.beginPath();
    context.moveTo(shift - 1, step + 1);
    context.lineTo(shift + step + 1, -1);
    context.stroke();
  }
  return picture(surface, context, ratio);
}
