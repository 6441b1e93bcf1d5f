import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Chip, type Figure, NAME_SIZE, PAD, type Point, type Rect, textWidth } from './figure.ts';
import { layOut } from './layout.ts';
import { sampleNetwork } from './sample-network.ts';

const shapes = fc.record({
  hosts: fc.integer({ min: 1, max: 3 }),
  bridges: fc.integer({ min: 1, max: 4 }),
  containers: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), { maxLength: 9 }),
  router: fc.boolean(),
  width: fc.constantFrom(318, 420, 700),
});

const inside = (inner: Rect, outer: Rect): boolean =>
  inner.x >= outer.x - 0.01 &&
  inner.y >= outer.y - 0.01 &&
  inner.x + inner.width <= outer.x + outer.width + 0.01 &&
  inner.y + inner.height <= outer.y + outer.height + 0.01;

const overlap = (a: Rect, b: Rect): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const stretch = ([x1, y1]: Point, [x2, y2]: Point): Rect => ({
  x: Math.min(x1, x2),
  y: Math.min(y1, y2),
  width: Math.abs(x1 - x2),
  height: Math.abs(y1 - y2),
});

function everythingIn(figure: Figure): Rect {
  return { x: 0, y: 0, width: figure.width, height: figure.height };
}

describe('whatever network is drawn, at whatever width', () => {
  test('nothing leaves the drawing', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const figure = layOut(sampleNetwork(shape), shape.width);
        for (const rect of [...figure.boxes, ...figure.bars, ...figure.chips]) expect(inside(rect, everythingIn(figure))).toBe(true);
        expect(figure.width).toBe(shape.width);
      }),
    );
  });

  test('no two devices lie on one another, and no two containers', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const figure = layOut(sampleNetwork(shape), shape.width);
        const containers = figure.boxes.filter((box) => box.kind === 'container');
        for (const rects of [figure.chips, containers]) {
          rects.forEach((a, index) => {
            for (const b of rects.slice(index + 1)) expect(overlap(a, b)).toBe(false);
          });
        }
      }),
    );
  });

  test('no cable between machines runs through a device that it does not end at', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const figure = layOut(sampleNetwork(shape), shape.width);
        for (const wire of figure.wires.filter(({ kind }) => kind === 'wire')) {
          const others = figure.chips.filter(({ uid, name }) => name !== '' && uid !== wire.a && uid !== wire.b);
          for (const [i, to] of wire.points.slice(1).entries())
            for (const chip of others) expect(overlap(stretch(wire.points[i] as Point, to), chip), `${chip.name}`).toBe(false);
        }
      }),
    );
  });

  test('names fit their boxes', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        for (const chip of layOut(sampleNetwork(shape), shape.width).chips) {
          if (chip.name !== '') expect(textWidth(chip.name, NAME_SIZE)).toBeLessThanOrEqual(chip.width - 2 * PAD + 0.01);
        }
      }),
    );
  });

  test('every cable ends at its two devices', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const figure = layOut(sampleNetwork(shape), shape.width);
        const chips = new Map(figure.chips.map((chip) => [chip.uid, chip]));
        for (const wire of figure.wires.filter(({ kind }) => kind !== 'port')) {
          expect(touches(wire.points[0] as never, chips.get(wire.a) as Chip)).toBe(true);
          expect(touches(wire.points.at(-1) as never, chips.get(wire.b) as Chip)).toBe(true);
        }
      }),
    );
  });
});

function touches([x, y]: [number, number], chip: Chip): boolean {
  return inside({ x, y, width: 0, height: 0 }, chip);
}

test('two containers on one bridge stand beside each other on a wide page, below each other on a phone', () => {
  const topology = sampleNetwork({ hosts: 1, bridges: 1, containers: [[0], [0]] });
  const [wide, narrow] = [layOut(topology, 700), layOut(topology, 318)].map((figure) =>
    figure.boxes.filter((box) => box.kind === 'container'),
  );
  expect(wide?.[0]?.y).toBe(wide?.[1]?.y);
  expect(narrow?.[0]?.x).toBe(narrow?.[1]?.x);
});

test('two hosts and the LAN between them: the LAN lies below both, and the cables run down beside the hosts', () => {
  const figure = layOut(sampleNetwork({ hosts: 2, bridges: 1, containers: [[0]] }), 700);
  const outside = figure.boxes.find((box) => box.kind === 'outside') as Rect;
  for (const host of figure.boxes.filter((box) => box.kind === 'host')) expect(host.y + host.height).toBeLessThan(outside.y);
  const [upper, lower] = figure.wires.filter(({ kind }) => kind === 'wire').map(({ points }) => points.at(-1)?.[0] ?? 0);
  expect(upper).toBeGreaterThan(lower ?? 0);
});

test('one host and the LAN: beside it when there is room', () => {
  const figure = layOut(sampleNetwork({ hosts: 1, bridges: 1, containers: [[0]] }), 700);
  const [host, outside] = ['host', 'outside'].map((kind) => figure.boxes.find((box) => box.kind === kind) as Rect);
  expect(outside?.x).toBeGreaterThan((host?.x ?? 0) + (host?.width ?? 0));
});
