// Is a ring simple? Plane geometry on longitudes and latitudes, as Python will read it.

const UNIT = 1e6; // sixth decimal of a degree: on integers this small the sign of an area is exact

/** Twice the signed area of a triangle: its sign says on which side of ab the point c lies. */
function side(a, b, c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** Does c, known to be on the line ab, lie between a and b? */
function between(a, b, c) {
  return (
    Math.min(a[0], b[0]) <= c[0] && c[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= c[1] && c[1] <= Math.max(a[1], b[1])
  );
}

/** Do two segments share a point, an end included? */
function meet(a, b, c, d) {
  const ca = Math.sign(side(a, b, c)), da = Math.sign(side(a, b, d));
  const ac = Math.sign(side(c, d, a)), bc = Math.sign(side(c, d, b));
  if (ca * da < 0 && ac * bc < 0) return true;
  return (
    (ca === 0 && between(a, b, c)) || (da === 0 && between(a, b, d)) ||
    (ac === 0 && between(c, d, a)) || (bc === 0 && between(c, d, b))
  );
}

/**
 * Does an open ring, once closed, cross or touch itself? True as well of one without area.
 * @param {[number, number][]} ring at least 3 vertices [lon, lat], at most 6 decimals
 */
export function crossesItself(ring) {
  const at = ring.map(([lon, lat]) => [Math.round(lon * UNIT), Math.round(lat * UNIT)]);
  const n = at.length;
  for (let i = 0; i < n; i++) {
    const a = at[i], b = at[(i + 1) % n], c = at[(i + 2) % n];
    // Two edges in a row share b: they overlap only when the second one goes straight back.
    const ahead = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]);
    if (side(a, b, c) === 0 && ahead <= 0) return true;
    for (let j = i + 2; j < n - (i === 0 ? 1 : 0); j++) {
      if (meet(a, b, at[j], at[(j + 1) % n])) return true;
    }
  }
  return false;
}
