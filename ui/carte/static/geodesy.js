// Distances and circles on the WGS 84 ellipsoid (Vincenty, 1975: under a millimetre
// at the distances of this map). Longitudes and latitudes in degrees, lengths in kilometres,
// azimuths in degrees clockwise from north.

const A = 6378.137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const RAD = Math.PI / 180;
const DEG = 180 / Math.PI;

export const MIN_RADIUS = 0.1;
export const MAX_RADIUS = 300;

/** A degree to its sixth decimal, about ten centimetres. */
export function round6(value) {
  return Math.round(value * 1e6) / 1e6;
}

/** Radius kept within its limits and rounded to what the label shows (0.1 km, 1 km above 100). */
export function clampRadius(km) {
  const step = km < 99.95 ? 10 : 1;
  const rounded = Math.round(km * step) / step;
  return Math.min(MAX_RADIUS, Math.max(MIN_RADIUS, rounded));
}

/** Geodesic distance between two points; falls back on the sphere near antipodes. */
export function distance(lon1, lat1, lon2, lat2) {
  if (lon1 === lon2 && lat1 === lat2) return 0;
  const L = (lon2 - lon1) * RAD;
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
  const s1 = Math.sin(u1), c1 = Math.cos(u1), s2 = Math.sin(u2), c2 = Math.cos(u2);
  let lambda = L;
  for (let i = 0; i < 60; i++) {
    const sl = Math.sin(lambda), cl = Math.cos(lambda);
    const sinS = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sinS === 0) return 0;
    const cosS = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sinS, cosS);
    const sinA = (c1 * c2 * sl) / sinS;
    const cos2A = 1 - sinA * sinA;
    const cos2M = cos2A === 0 ? 0 : cosS - (2 * s1 * s2) / cos2A;
    const C = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A));
    const previous = lambda;
    lambda =
      L +
      (1 - C) * F * sinA *
        (sigma + C * sinS * (cos2M + C * cosS * (-1 + 2 * cos2M * cos2M)));
    if (Math.abs(lambda - previous) < 1e-12) {
      const v = (cos2A * (A * A - B * B)) / (B * B);
      const kA = 1 + (v / 16384) * (4096 + v * (-768 + v * (320 - 175 * v)));
      const kB = (v / 1024) * (256 + v * (-128 + v * (74 - 47 * v)));
      const delta =
        kB * sinS *
        (cos2M +
          (kB / 4) *
            (cosS * (-1 + 2 * cos2M * cos2M) -
              (kB / 6) * cos2M * (-3 + 4 * sinS * sinS) * (-3 + 4 * cos2M * cos2M)));
      return B * kA * (sigma - delta);
    }
  }
  const h =
    Math.sin(((lat2 - lat1) * RAD) / 2) ** 2 +
    Math.cos(lat1 * RAD) * Math.cos(lat2 * RAD) * Math.sin(L / 2) ** 2;
  return 2 * 6371.0088 * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Point reached from (lon, lat) along an azimuth: [lon, lat]. */
export function destination(lon, lat, azimuth, km) {
  const a1 = azimuth * RAD;
  const sinA1 = Math.sin(a1), cosA1 = Math.cos(a1);
  const tanU1 = (1 - F) * Math.tan(lat * RAD);
  const cosU1 = 1 / Math.sqrt(1 + tanU1 * tanU1), sinU1 = tanU1 * cosU1;
  const sigma1 = Math.atan2(tanU1, cosA1);
  const sinA = cosU1 * sinA1;
  const cos2A = 1 - sinA * sinA;
  const v = (cos2A * (A * A - B * B)) / (B * B);
  const kA = 1 + (v / 16384) * (4096 + v * (-768 + v * (320 - 175 * v)));
  const kB = (v / 1024) * (256 + v * (-128 + v * (74 - 47 * v)));
  let sigma = km / (B * kA);
  let sinS, cosS, cos2M;
  for (let i = 0; i < 60; i++) {
    cos2M = Math.cos(2 * sigma1 + sigma);
    sinS = Math.sin(sigma);
    cosS = Math.cos(sigma);
    const delta =
      kB * sinS *
      (cos2M +
        (kB / 4) *
          (cosS * (-1 + 2 * cos2M * cos2M) -
            (kB / 6) * cos2M * (-3 + 4 * sinS * sinS) * (-3 + 4 * cos2M * cos2M)));
    const previous = sigma;
    sigma = km / (B * kA) + delta;
    if (Math.abs(sigma - previous) < 1e-12) break;
  }
  sinS = Math.sin(sigma);
  cosS = Math.cos(sigma);
  cos2M = Math.cos(2 * sigma1 + sigma);
  const x = sinU1 * sinS - cosU1 * cosS * cosA1;
  const lat2 = Math.atan2(sinU1 * cosS + cosU1 * sinS * cosA1, (1 - F) * Math.hypot(sinA, x));
  const lambda = Math.atan2(sinS * sinA1, cosU1 * cosS - sinU1 * sinS * cosA1);
  const C = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A));
  const L =
    lambda -
    (1 - C) * F * sinA * (sigma + C * sinS * (cos2M + C * cosS * (-1 + 2 * cos2M * cos2M)));
  return [lon + L * DEG, lat2 * DEG];
}

/** Azimuth of the second point seen from the first, on the sphere (for placing a handle only). */
export function azimuth(lon1, lat1, lon2, lat2) {
  const dl = (lon2 - lon1) * RAD;
  const y = Math.sin(dl) * Math.cos(lat2 * RAD);
  const x =
    Math.cos(lat1 * RAD) * Math.sin(lat2 * RAD) -
    Math.sin(lat1 * RAD) * Math.cos(lat2 * RAD) * Math.cos(dl);
  return (Math.atan2(y, x) * DEG + 360) % 360;
}

/** Closed geodesic circle as an array of [lon, lat]. */
export function ring(lon, lat, km, vertices = 128) {
  const points = new Array(vertices + 1);
  for (let i = 0; i < vertices; i++) points[i] = destination(lon, lat, (360 * i) / vertices, km);
  points[vertices] = points[0];
  return points;
}

/** Half-sizes in degrees [dLon, dLat] of a box that surely holds the disc. */
export function boxOf(lat, km) {
  // 110.5 km is below the shortest degree of latitude, 111.2 below the widest of longitude.
  const dLat = km / 110.5;
  const widest = Math.min(89.9, Math.abs(lat) + dLat);
  return [Math.min(180, km / (111.2 * Math.cos(widest * RAD))), dLat];
}

/**
 * Quick squared distance from a centre: mid-latitude formula of the FCC (47 CFR 73.208), better
 * than 0.03 % up to 300 km from 21°S to 51°N. Near the limit the caller measures with `distance`.
 */
export function quickSquared(dLon, dLat, midLat) {
  const c = Math.cos(midLat * RAD);
  const c2 = 2 * c * c - 1;
  const kLat = 111.13209 - 0.56605 * c2 + 0.0012 * (2 * c2 * c2 - 1);
  const kLon = c * (111.41513 - 0.09455 * (2 * c2 - 1) + 0.00012 * (4 * c2 * c2 - 2 * c2 - 1));
  const y = kLat * dLat, x = kLon * dLon;
  return x * x + y * y;
}
