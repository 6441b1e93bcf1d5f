import { percentEncode } from '../../../base/percent.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand, OperandKind } from '../command.ts';
import { CONTAINER_INSPECT, INSPECT } from '../options/containers.ts';
import { IMAGE_INSPECT } from '../options/images.ts';
import { NETWORK_INSPECT } from '../options/networks.ts';
import { VOLUME_INSPECT } from '../options/volumes.ts';
import { fail } from '../output.ts';
import { compile, execute } from '../template/execute.ts';
import { goJson, raw, typed } from '../template/values.ts';

/** Finds one object by a name or id. */
export type Finder = (invocation: Invocation, name: string) => Blocking<unknown | ApiFailure>;

const containers: Finder = ({ client, flags }, name) =>
  client.json('GET', `/containers/${percentEncode(name)}/json`, { size: flags.on('size') ? '1' : '0' });
const images: Finder = ({ client }, name) => client.json('GET', `/images/${percentEncode(name)}/json`);
const volumes: Finder = ({ client }, name) => client.json('GET', `/volumes/${percentEncode(name)}`);
const networks: Finder = ({ client }, name) => client.json('GET', `/networks/${percentEncode(name)}`);

function leaf(operands: string, summary: string, flags: LeafCommand['flags'], kind: OperandKind, find: Finder): LeafCommand {
  return { operands, summary, flags, arity: { least: 1 }, completes: [kind], run: (invocation) => inspectObjects(invocation, find) };
}

export const inspect = leaf(
  '[OPTIONS] NAME|ID [NAME|ID...]',
  'Return low-level information on Docker objects',
  INSPECT,
  'object',
  anything,
);
export const inspectContainer = leaf(
  '[OPTIONS] CONTAINER [CONTAINER...]',
  'Display detailed information on one or more containers',
  CONTAINER_INSPECT,
  'container',
  containers,
);
export const inspectNetwork = leaf(
  '[OPTIONS] NETWORK [NETWORK...]',
  'Display detailed information on one or more networks',
  NETWORK_INSPECT,
  'network',
  networks,
);
export const inspectVolume = leaf(
  '[OPTIONS] VOLUME [VOLUME...]',
  'Display detailed information on one or more volumes',
  VOLUME_INSPECT,
  'object',
  volumes,
);
export const inspectImage = leaf(
  '[OPTIONS] IMAGE [IMAGE...]',
  'Display detailed information on one or more images',
  IMAGE_INSPECT,
  'image',
  images,
);

const TYPES = ['config', 'container', 'image', 'network', 'node', 'plugin', 'secret', 'service', 'task', 'volume'];
const FINDERS: Record<string, Finder> = { container: containers, image: images, network: networks, volume: volumes };

/** `docker inspect`: containers come first, then images, networks and volumes. */
function* anything(invocation: Invocation, name: string): Blocking<unknown | ApiFailure> {
  const type = invocation.flags.last('type') ?? '';
  const chosen = FINDERS[type];
  if (chosen) return yield* chosen(invocation, name);
  if (type === 'plugin') return new ApiFailure(404, `Error response from daemon: plugin ${JSON.stringify(name)} not found`);
  if (TYPES.includes(type)) return new ApiFailure(501, `docker inspect --type ${type} is not modelled (see sim/FIDELITY.md)`);
  for (const find of Object.values(FINDERS)) {
    const found = yield* find(invocation, name);
    if (!(found instanceof ApiFailure) || (found.status !== 404 && found.status !== 400)) return found;
  }
  return new ApiFailure(404, `Error: No such object: ${name}`);
}

/** Prints the objects that the operands name, by `--format` or as JSON. */
export function* inspectObjects(invocation: Invocation, find: Finder): Blocking<number> {
  const { process, operands, flags } = invocation;
  const type = flags.last('type');
  if (flags.given('type') && type !== '' && !TYPES.includes(type ?? '')) {
    return yield* fail(invocation, `unknown type: "${type}": must be one of ${TYPES.map((name) => `"${name}"`).join(', ')}`);
  }
  const format = flags.last('format') ?? '';
  const compiled = format === '' || format === 'json' ? undefined : compile(format);
  if (compiled && 'error' in compiled) return yield* fail(invocation, `template parsing error: ${compiled.error}`);
  const objects: unknown[] = [];
  const errors: string[] = [];
  let text = '';
  for (const name of operands) {
    const found = yield* find(invocation, name);
    if (found instanceof ApiFailure) {
      errors.push(found.message);
      continue;
    }
    objects.push(found);
    if (!compiled) continue;
    const first = execute(compiled, typed(found), false);
    const result = 'text' in first ? first : execute(compiled, raw(found), true);
    if ('text' in result) text += `${result.text}\n`;
    else {
      errors.push(`template parsing error: ${result.error}`);
      break;
    }
  }
  if (compiled) yield* process.write(1, text === '' ? '\n' : text);
  else yield* process.write(1, format === 'json' ? `${goJson(objects, true)}\n` : `${indented(objects)}\n`);
  return errors.length === 0 ? 0 : yield* fail(invocation, errors.join('\n'));
}

/** The objects as an array, indented by four. */
function indented(objects: readonly unknown[]): string {
  if (objects.length === 0) return '[]';
  return JSON.stringify(objects, null, 4).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');
}
