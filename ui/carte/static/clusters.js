// What is drawn of many points: one mark a place where there is room, clusters elsewhere.
// Counts are exact whatever the scale: each shown point of the area is in one mark and no other.

const WORLD = 512; // pixels of the world at zoom 0
const FINE = 5; // a cluster is made of cells this many times narrower than its reach
const PLACE = 1e5; // one place: a hundred-thousandth of a degree, about a metre

// Pixels within which points make one cluster; more where counts of five digits need the room.
const REACH = 44;
const FAR_REACH = 58;
const FAR_ZOOM = 6;
const NEAR_ZOOM = 11; // from there on, places one by one where they are few enough
const MOST_PLACES = 1000; // in the area prepared, twice the view each way

export class Clusters {
  /** @param {import("./points.js").Points} points */
  constructor(points) {
    this.points = points;
    const { size, lon, lat } = points;
    this.x = new Float64Array(size);
    this.y = new Float64Array(size);
    for (let k = 0; k < size; k++) {
      const sine = Math.sin((lat[k] * Math.PI) / 180);
      this.x[k] = lon[k] / 360 + 0.5;
      this.y[k] = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
    }
    this.node = new Int32Array(size);
    this.group = new Int32Array(0);
    this.range = [0, 0];
  }

  /**
   * Marks of the points shown in a box, at a zoom.
   * @param {{west, south, east, north}} box degrees
   * @returns {{n, lon, lat, k}[]} number of points, place, index of one of them; `members` takes
   *   the position in this list
   */
  gather(box, zoom) {
    if (zoom >= NEAR_ZOOM) {
      const places = this.cells(box, (k) => Math.round(this.points.lon[k] * PLACE),
        (k) => Math.round(this.points.lat[k] * PLACE));
      if (places.length <= MOST_PLACES) {
        this.group = Int32Array.from(places, (_, i) => i);
        return places.map((place) => this.mark(place));
      }
    }
    const reach = zoom < FAR_ZOOM ? FAR_REACH : REACH;
    const pixels = WORLD * 2 ** zoom;
    const grid = (pixels / reach) * FINE;
    const cells = this.cells(box, (k) => Math.floor(this.x[k] * grid),
      (k) => Math.floor(this.y[k] * grid));
    return this.merge(cells, reach / pixels).map((cluster) => this.mark(cluster));
  }

  /** Indices of the points of a mark. */
  members(mark) {
    const found = [];
    for (let k = this.range[0]; k < this.range[1]; k++) {
      if (this.node[k] >= 0 && this.group[this.node[k]] === mark) found.push(k);
    }
    return found;
  }

  /** Shown points of the box by cell of a grid: {n, x, y, k}, x and y the sums of places. */
  cells({ west, south, east, north }, column, row) {
    const { shown, lon } = this.points;
    const start = this.points.firstAbove(south), end = this.points.firstAbove(north);
    this.range = [start, end];
    const table = new Index(end - start);
    const cells = [];
    for (let k = start; k < end; k++) {
      this.node[k] = -1;
      if (shown[k] === 0 || lon[k] < west || lon[k] > east) continue;
      const at = table.rank(column(k), row(k), cells.length);
      this.node[k] = at;
      if (at === cells.length) cells.push({ n: 0, x: 0, y: 0, k });
      const cell = cells[at];
      cell.n++;
      cell.x += this.x[k];
      cell.y += this.y[k];
    }
    return cells;
  }

  /** The fullest cells take their neighbours, until every cell is taken. */
  merge(cells, reach) {
    const middle = cells.map(({ n, x, y }) => [x / n, y / n]);
    const squares = new Map(); // by square as wide as the reach
    const square = ([x, y]) => [Math.floor(x / reach), Math.floor(y / reach)];
    const name = (column, row) => column * 2 ** 24 + row;
    middle.forEach((place, i) => {
      const key = name(...square(place));
      const there = squares.get(key);
      if (there === undefined) squares.set(key, [i]);
      else there.push(i);
    });
    const order = Uint32Array.from(cells, (_, i) => i).sort((a, b) => cells[b].n - cells[a].n || a - b);
    this.group = new Int32Array(cells.length).fill(-1);
    const clusters = [];
    for (const i of order) {
      if (this.group[i] >= 0) continue;
      const [x, y] = middle[i];
      const [column, row] = square(middle[i]);
      const cluster = { n: 0, x: 0, y: 0, k: cells[i].k };
      for (let dx = -1; dx <= 1; dx++) {
        for (let dy = -1; dy <= 1; dy++) {
          for (const j of squares.get(name(column + dx, row + dy)) ?? []) {
            if (this.group[j] >= 0) continue;
            if ((middle[j][0] - x) ** 2 + (middle[j][1] - y) ** 2 > reach * reach) continue;
            this.group[j] = clusters.length;
            cluster.n += cells[j].n;
            cluster.x += cells[j].x;
            cluster.y += cells[j].y;
          }
        }
      }
      clusters.push(cluster);
    }
    return clusters;
  }

  mark({ n, x, y, k }) {
    if (n === 1) return { n, k, lon: this.points.lon[k], lat: this.points.lat[k] };
    const latitude = Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / n)));
    return { n, k, lon: (x / n - 0.5) * 360, lat: (latitude * 180) / Math.PI };
  }
}

/** Ranks of pairs of whole numbers in the order they are met: a hash table in typed arrays. */
class Index {
  constructor(most) {
    this.bits = Math.max(4, Math.ceil(Math.log2(most + 1)) + 1);
    this.mask = 2 ** this.bits - 1;
    this.ranks = new Int32Array(2 ** this.bits).fill(-1);
    this.a = new Int32Array(2 ** this.bits);
    this.b = new Int32Array(2 ** this.bits);
  }

  /** Rank of a pair, `next` when it is new. */
  rank(a, b, next) {
    let slot = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> (32 - this.bits);
    while (this.ranks[slot] >= 0) {
      if (this.a[slot] === a && this.b[slot] === b) return this.ranks[slot];
      slot = (slot + 1) & this.mask;
    }
    this.ranks[slot] = next;
    this.a[slot] = a;
    this.b[slot] = b;
    return next;
  }
}
