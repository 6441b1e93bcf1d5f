import { fileURLToPath } from 'node:url';
import { relative } from 'node:path';
import type { MdastPluginEntry } from 'satteri';
import { renderCell } from '../../components/cell/render.ts';
import { renderExercise, renderSolution } from '../../components/exercise/render.ts';
import { renderTerminal } from '../../components/terminal/render.ts';
import { renderTopology } from '../../components/topology/render.ts';
import { type BakedItem, BakeError, bakePage, hostsOf, type PlanItem, worldNames } from './bake.ts';
import { readExercise } from './exercise.ts';
import { FenceError, readFence } from './fence.ts';

/** The few facts about a Markdown node that are needed here. */
interface Node {
  type: string;
  lang?: string | null;
  meta?: string | null;
  value?: string;
  name?: string | null;
  attributes?: { type: string; name?: string; value?: unknown }[];
  children?: Node[];
  position?: { start: { line: number } };
}

/** A node and what it becomes. */
type Place = { node: Node; item?: number; html?: string };

/**
 * Turns a chapter's `console` blocks, `<Topology />` and `<Terminal />` into finished HTML before anything else sees them: the
 * page's commands run in the simulation, and what they print is put where it belongs.
 */
export function cellsPlugin(root: string): MdastPluginEntry {
  return ({ sourceFormat, fileURL }) => ({
    name: 'netdive-cells',
    options: { position: true },
    before(tree, context) {
      const file = fileURL ? relative(root, fileURLToPath(fileURL)) : 'page';
      try {
        const page = new Page((context.data as { astro?: { frontmatter?: Record<string, unknown> } }).astro?.frontmatter ?? {});
        page.read(tree as unknown as Node);
        for (const [node, html] of page.bake()) context.replaceNode(node as never, raw(html, sourceFormat) as never);
      } catch (error) {
        if (error instanceof BakeError || error instanceof FenceError) throw new Error(`${file}:${error.line}: ${error.message}`);
        throw error;
      }
    },
  });
}

class Page {
  readonly #world: string;
  readonly #hosts: string[];
  readonly #items: PlanItem[] = [];
  readonly #places: Place[] = [];

  constructor(frontmatter: Record<string, unknown>) {
    this.#world = typeof frontmatter.world === 'string' ? frontmatter.world : '';
    this.#hosts = Array.isArray(frontmatter.hosts) ? frontmatter.hosts.map(String) : (hostsOf(this.#world) ?? []);
  }

  read(node: Node): void {
    const line = node.position?.start.line ?? 0;
    if (node.type === 'code' && node.lang === 'console') this.#console(node, line);
    else if (node.type === 'mdxJsxFlowElement' && node.name === 'Topology') this.#topology(node, line);
    else if (node.type === 'mdxJsxFlowElement' && node.name === 'Terminal') this.#terminal(node, line);
    else for (const child of node.children ?? []) this.read(child);
  }

  bake(): [Node, string][] {
    const items = this.#items.length > 0 ? bakePage({ world: this.#world, hosts: this.#hosts, items: this.#items }) : [];
    return this.#places.map(({ node, item, html }) => [
      node,
      html ?? render(items[item as number] as BakedItem, node, this.#hosts[0] ?? ''),
    ]);
  }

  #console(node: Node, line: number): void {
    const kind = (node.meta ?? '').trim();
    try {
      if (kind === 'exercise') return this.#exercise(node, line);
      if (kind === 'solution') return this.#solution(node, line);
      const fence = readFence(node.meta ?? '', node.value ?? '');
      if (fence.hosts.some((each) => each !== undefined))
        throw new FenceError('a cell is typed at one host: name it as in host="…" after `console`');
      this.#needHost(fence.host ?? this.#hosts[0], line);
      this.#add(node, { kind: 'cell', fence, line });
    } catch (error) {
      if (error instanceof FenceError) throw new BakeError(error.message, line + error.line);
      throw error;
    }
  }

  /** Goals to reach; the `console solution` block that follows somewhere below belongs to it. */
  #exercise(node: Node, line: number): void {
    this.#needHost(this.#hosts[0], line);
    const goals = readExercise(node.value ?? '');
    for (const goal of goals) this.#needHost(goal.host ?? this.#hosts[0], line);
    this.#add(node, { kind: 'exercise', goals, solution: undefined, line });
  }

  #solution(node: Node, line: number): void {
    const open = this.#items.findLast((item) => item.kind === 'exercise');
    if (open?.kind !== 'exercise' || open.solution) throw new BakeError('a solution follows its exercise, one each', line);
    const { commands, hosts } = readFence('', node.value ?? '');
    for (const host of hosts) this.#needHost(host ?? this.#hosts[0], line);
    open.solution = commands.map((command, index) => ({ command, host: hosts[index] }));
    this.#places.push({ node, html: renderSolution(open.solution) });
  }

  #topology(node: Node, line: number): void {
    this.#needWorld(line);
    this.#add(node, { kind: 'topology', follow: attribute(node, 'follow'), line });
  }

  #terminal(node: Node, line: number): void {
    const host = attribute(node, 'host') ?? this.#hosts[0];
    this.#needHost(host, line);
    this.#places.push({ node, html: renderTerminal(host as string) });
  }

  #add(node: Node, item: PlanItem): void {
    this.#places.push({ node, item: this.#items.length });
    this.#items.push(item);
  }

  #needWorld(line: number): void {
    if (this.#world === '') throw new BakeError('the page has no world: add `world: NAME` to its frontmatter', line);
    if (!hostsOf(this.#world)) throw new BakeError(`there is no world \`${this.#world}\`; there are ${worldNames().join(', ')}`, line);
  }

  #needHost(host: string | undefined, line: number): void {
    this.#needWorld(line);
    const known = hostsOf(this.#world) ?? [];
    if (host === undefined || !known.includes(host)) {
      throw new BakeError(`world \`${this.#world}\` has no host \`${host}\`; it has ${known.join(', ')}`, line);
    }
  }
}

function render(item: BakedItem, node: Node, host: string): string {
  if (item.kind === 'cell') return renderCell(item.cell);
  return item.kind === 'exercise' ? renderExercise(host, item.goals) : renderTopology(item.scene, attribute(node, 'caption'));
}

function attribute(node: Node, name: string): string | undefined {
  const value = node.attributes?.find((each) => each.name === name)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** Finished HTML as a node that no later step looks into. */
function raw(html: string, format: string): unknown {
  if (format !== 'mdx') return { type: 'html', value: html };
  return {
    type: 'mdxJsxFlowElement',
    name: 'Fragment',
    attributes: [{ type: 'mdxJsxAttribute', name: 'set:html', value: html }],
    children: [],
  };
}
