import { concat, encode } from '../../../base/bytes.ts';
import type { Blocking } from '../../../host/wait.ts';
import { Connection } from '../api/connection.ts';
import { createContainer } from '../container/create.ts';
import type { Container } from '../container/container.ts';
import { startContainer, waitWhile } from '../container/lifecycle.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import type { ImageConfig } from '../images/image.ts';
import { type Layer, layerBetween } from '../images/layer.ts';
import type { Image } from '../images/store.ts';
import { Refusal } from '../refusal.ts';
import { attachAtStart } from '../api/streams.ts';
import { BuildFailure } from './builder.ts';
import { decode } from '../../../base/bytes.ts';

/** A RUN step. */
export interface RunRequest {
  image: Image;
  config: ImageConfig;
  words: readonly string[];
  environment: readonly string[];
  removeOnFailure: boolean;
}

/** Runs a command in a container of its own; its output becomes the build's, errors in red. */
export function* runStep(
  engine: Engine,
  output: Connection,
  request: RunRequest,
): Blocking<{ container: Container; layer: Layer } | BuildFailure> {
  const { image, config, words } = request;
  const made = createContainer(engine, '', {
    Image: `sha256:${image.id}`,
    Cmd: [...words],
    Entrypoint: [''],
    Env: [...request.environment],
    WorkingDir: config.workingDir ?? '',
    Healthcheck: { Test: ['NONE'] },
  });
  if (made instanceof Refusal) return new BuildFailure(made.message);
  const { container } = made;
  const say = (text: string): void => output.push({ source: 'stdout', bytes: encode(`${JSON.stringify({ stream: text })}\n`) });
  say(` ---> Running in ${container.shortId}\n`);
  const connection = new Connection();
  go(engine.host.events, attachAtStart(container, connection, { stdin: false, output: true }));
  const started = yield* startContainer(engine, container);
  if (started instanceof Refusal) {
    engine.containers.discard(container);
    return new BuildFailure(started.message);
  }
  for (;;) {
    const frame = connection.receive();
    if (frame === undefined) break;
    if (frame === 'EAGAIN') {
      yield { on: [connection.readable] };
      continue;
    }
    const text = decode(frame.source === 'stderr' ? concat([encode('\x1b[91m'), frame.bytes, encode('\x1b[0m')]) : frame.bytes);
    say(text);
  }
  yield* waitWhile(engine, container, () => container.running);
  if (container.exitCode !== 0) {
    if (request.removeOnFailure) engine.containers.discard(container);
    return new BuildFailure(`The command '${words.join(' ')}' returned a non-zero code: ${container.exitCode}`, container.exitCode);
  }
  return { container, layer: layerBetween(engine.daemon, engine.images.instantiate(image), container.root) };
}
