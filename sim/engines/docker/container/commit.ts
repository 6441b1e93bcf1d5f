import { parseInstruction } from '../build/dockerfile.ts';
import { applyMetadata, type BuildSettings } from '../build/metadata.ts';
import type { Engine } from '../engine.ts';
import { configOfContainer } from '../images/config.ts';
import type { ImageConfig } from '../images/image.ts';
import { layerBetween } from '../images/layer.ts';
import type { Image } from '../images/store.ts';
import { invalid, Refusal } from '../refusal.ts';
import type { Container } from './container.ts';

/** Instructions that `--change` takes: those that only change the configuration. */
const CHANGES = ['CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'LABEL', 'ONBUILD', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'];

/** A configuration after instructions of a Dockerfile (builder/dockerfile `BuildFromConfig`). */
export function applyChanges(config: ImageConfig, changes: readonly string[]): ImageConfig | Refusal {
  const settings: BuildSettings = { config, args: new Map(), cmdSet: true };
  for (const change of changes) {
    const [word = ''] = change.trim().split(/\s/, 1);
    if (!CHANGES.includes(word.toUpperCase())) return invalid(`${word} is not a valid change command`);
    const instruction = parseInstruction(change.trim(), 1);
    if (instruction instanceof Refusal) return instruction;
    const done = applyMetadata(instruction, settings);
    if (done instanceof Refusal) return done;
  }
  return settings.config;
}

/** `docker commit`. */
export function commitContainer(
  engine: Engine,
  container: Container,
  { changes, comment, author }: { changes: readonly string[]; comment: string; author: string },
): Image | Refusal {
  const config = applyChanges(configOfContainer(container.config), changes);
  if (config instanceof Refusal) return config;
  const { image: parent } = container;
  const layer = layerBetween(engine.daemon, engine.images.instantiate(parent), container.root);
  const created = engine.host.now;
  // The serial keeps two of the same moment apart, as nanoseconds do.
  const entry = {
    created: created + engine.serial('commit') / 1e6,
    createdBy: container.argv.join(' '),
    comment,
    size: layer.size,
    empty: false,
  };
  const image = engine.images.make({ parent, layers: [layer], config, history: [...parent.history, entry], created, author, comment });
  engine.events.log(engine.host.now, 'image', 'create', `sha256:${image.id}`, { name: `sha256:${image.id}` });
  return image;
}
