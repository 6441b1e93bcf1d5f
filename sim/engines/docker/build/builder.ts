import { encode } from '../../../base/bytes.ts';
import { MILLISECOND } from '../../../base/time.ts';
import type { Directory } from '../../../host/inode.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Connection } from '../api/connection.ts';
import type { Engine } from '../engine.ts';
import type { ImageConfig } from '../images/image.ts';
import { type Layer, layerBetween } from '../images/layer.ts';
import { pullImage } from '../images/pull.ts';
import { parseReference, withTag } from '../images/reference.ts';
import type { Image } from '../images/store.ts';
import { invalid, notModelled, Refusal } from '../refusal.ts';
import { type CopyRequest, copyInto, directoryFor, findSources } from './copy.ts';
import { type Instruction, parseInstruction, wordsOf } from './dockerfile.ts';
import { expand, splitWords } from './expand.ts';
import { absolute, applyMetadata, type BuildSettings, commandLine, shellOf, valuesOf } from './metadata.ts';
import { runStep } from './run.ts';
import type { Plan, Stage } from './stages.ts';

/** What a build is asked for. */
export interface BuildRequest {
  plan: Plan;
  context: Directory;
  buildArgs: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  tags: readonly string[];
  noCache: boolean;
  /** `--rm`: containers of steps are removed. */
  remove: boolean;
  forceRemove: boolean;
}

/** A build that failed: its message and the exit status of the step. */
export class BuildFailure {
  readonly message: string;
  readonly code: number;
  constructor(message: string, code = 0) {
    this.message = message;
    this.code = code;
  }
}

const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Arguments that every build takes without declaring them; they stay out of the history. */
const PREDEFINED = new Set([
  'HTTP_PROXY',
  'http_proxy',
  'HTTPS_PROXY',
  'https_proxy',
  'FTP_PROXY',
  'ftp_proxy',
  'NO_PROXY',
  'no_proxy',
  'ALL_PROXY',
  'all_proxy',
]);

/** What a step without a container of ours takes. */
const STEP_TIME = 8 * MILLISECOND;

/** The classic builder of dockerd (builder/dockerfile): one image a step, each found again in the cache or made. */
export class Builder {
  readonly #engine: Engine;
  readonly #request: BuildRequest;
  readonly #connection: Connection;
  readonly #stages = new Map<string, Image>();
  readonly #metaArgs = new Map<string, string | undefined>();
  readonly #consumed = new Set<string>();
  #image: Image | undefined;
  #settings: BuildSettings & { args: Map<string, string | undefined> } = { config: {}, args: new Map(), cmdSet: false };
  /** A step of this stage was made anew, so everything after it is. */
  #cacheBroken = false;
  #step = 0;

  constructor(engine: Engine, request: BuildRequest, connection: Connection) {
    this.#engine = engine;
    this.#request = request;
    this.#connection = connection;
  }

  /** @returns the image, or why there is none */
  *build(): Blocking<Image | BuildFailure> {
    const { plan, buildArgs, tags } = this.#request;
    for (const argument of plan.metaArgs) {
      this.#announce(argument);
      this.#declare(argument, this.#metaArgs, this.#metaArgs as ReadonlyMap<string, string>);
    }
    for (const [index, stage] of plan.stages.entries()) {
      const failed = yield* this.#buildStage(stage, index);
      if (failed) return failed;
    }
    const image = this.#image;
    if (!image) return new BuildFailure('No image was generated. Is your Dockerfile empty?');
    const unused = Object.keys(buildArgs).filter((name) => !this.#consumed.has(name) && !PREDEFINED.has(name));
    if (unused.length > 0) this.#say(`[Warning] One or more build-args [${unused.sort().join(' ')}] were not consumed\n`);
    this.#say(`Successfully built ${image.id.slice(0, 12)}\n`);
    for (const text of tags) {
      const reference = parseReference(text);
      if (reference instanceof Refusal) return new BuildFailure(reference.message);
      this.#engine.images.tag(image, withTag(reference));
      this.#engine.events.log(this.#engine.host.now, 'image', 'tag', `sha256:${image.id}`, { name: withTag(reference) });
      this.#say(`Successfully tagged ${withTag(reference)}\n`);
    }
    return image;
  }

  #say(text: string): void {
    this.#connection.push({ source: 'stdout', bytes: encode(`${JSON.stringify({ stream: text })}\n`) });
  }

  #announce({ original }: Instruction): void {
    this.#say(`Step ${++this.#step}/${this.#request.plan.steps} : ${original}\n`);
  }

  *#buildStage(stage: Stage, index: number): Blocking<BuildFailure | undefined> {
    this.#announce(stage.from);
    const started = yield* this.#startStage(stage);
    if (started) return started;
    const labels = Object.entries(this.#request.labels);
    const last = index === this.#request.plan.stages.length - 1;
    const steps = [...stage.instructions, ...(last && labels.length > 0 ? [labelInstruction(labels)] : [])];
    for (const instruction of steps) {
      this.#announce(instruction);
      const failed = yield* this.#dispatch(instruction);
      if (failed) return failed;
    }
    if (this.#image) {
      this.#stages.set(String(index), this.#image);
      if (stage.name !== '') this.#stages.set(stage.name, this.#image);
    }
    return undefined;
  }

  *#startStage({ from }: Stage): Blocking<BuildFailure | undefined> {
    const named = expand(wordsOf(from)[0] ?? '', this.#metaArgs as ReadonlyMap<string, string>);
    if (named === '') return new BuildFailure(`base name (${wordsOf(from)[0]}) should not be blank`);
    if (from.flags.has('platform')) return new BuildFailure(notModelled('FROM --platform').message);
    this.#cacheBroken = this.#request.noCache;
    let image: Image | undefined;
    if (named !== 'scratch') {
      const found = this.#stages.get(named) ?? (yield* this.#findImage(named));
      if (found instanceof Refusal) return new BuildFailure(found.message);
      image = found;
    }
    this.#image = image;
    const { onBuild = [], ...config } = image?.definition.config ?? {};
    const env = config.env ?? [];
    this.#settings = {
      config: { ...config, env: env.some((setting) => setting.startsWith('PATH=')) ? env : [...env, DEFAULT_PATH] },
      args: new Map(),
      cmdSet: false,
    };
    this.#say(image ? ` ---> ${image.id.slice(0, 12)}\n` : ' ---> \n');
    if (onBuild.length > 0) this.#say(`# Executing ${onBuild.length} build trigger${onBuild.length > 1 ? 's' : ''}\n`);
    for (const trigger of onBuild) {
      const instruction = parseInstruction(trigger, from.line);
      if (instruction instanceof Refusal) return new BuildFailure(instruction.message);
      const failed = yield* this.#dispatch(instruction);
      if (failed) return failed;
    }
    return undefined;
  }

  *#findImage(name: string): Blocking<Image | Refusal> {
    const known = this.#engine.images.find(name);
    if (known) return known;
    const reference = parseReference(name);
    if (reference instanceof Refusal) return reference;
    const messages = yield* pullImage(this.#engine, reference);
    if (messages instanceof Refusal) return messages;
    for (const message of messages) this.#connection.push({ source: 'stdout', bytes: encode(`${JSON.stringify(message)}\n`) });
    return this.#engine.images.find(name) ?? invalid(`No such image: ${name}`);
  }

  *#dispatch(instruction: Instruction): Blocking<BuildFailure | undefined> {
    yield { on: [], until: this.#engine.host.now + STEP_TIME };
    switch (instruction.name) {
      case 'ADD':
      case 'COPY':
        return yield* this.#copy(instruction);
      case 'RUN':
        return yield* this.#run(instruction);
      case 'ARG':
        return this.#argument(instruction);
      case 'WORKDIR':
        return this.#workingDirectory(instruction);
      default: {
        const comment = applyMetadata(instruction, this.#settings);
        if (comment instanceof Refusal) return new BuildFailure(comment.message);
        this.#commitWithContainer([...shellOf(this.#settings.config), '#(nop) ', comment], []);
        return undefined;
      }
    }
  }

  /** Takes a declaration's default, or what the build was given for it. */
  #declare({ rest }: Instruction, into: Map<string, string | undefined>, values: ReadonlyMap<string, string>): void {
    for (const word of splitWords(rest, values)) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word : word.slice(0, equals);
      const given = this.#request.buildArgs[name];
      if (given !== undefined) this.#consumed.add(name);
      into.set(name, given ?? (equals < 0 ? this.#metaArgs.get(name) : word.slice(equals + 1)));
    }
  }

  #argument(instruction: Instruction): undefined {
    const values = valuesOf(this.#settings);
    this.#declare(instruction, this.#settings.args, values);
    this.#commitWithContainer([...shellOf(this.#settings.config), '#(nop) ', `ARG ${splitWords(instruction.rest, values).join(' ')}`], []);
    return undefined;
  }

  #workingDirectory(instruction: Instruction): BuildFailure | undefined {
    const comment = applyMetadata(instruction, this.#settings);
    if (comment instanceof Refusal) return new BuildFailure(comment.message);
    const words = [...shellOf(this.#settings.config), `#(nop) ${comment}`];
    if (this.#cached(words)) return undefined;
    const made = this.#changed((root) => {
      const path = this.#settings.config.workingDir ?? '/';
      return directoryFor(this.#engine, root, path) ? undefined : invalid(`${path} is not a directory`);
    });
    if (made instanceof Refusal) return new BuildFailure(made.message);
    this.#commitWithContainer(words, [made]);
    return undefined;
  }

  *#copy(instruction: Instruction): Blocking<BuildFailure | undefined> {
    for (const flag of instruction.flags.keys()) {
      if (flag === 'from' && instruction.name === 'COPY') continue;
      if (flag !== 'chown') return new BuildFailure(needsBuildKit(flag));
      return new BuildFailure(notModelled(`${instruction.name} --chown`).message);
    }
    const values = valuesOf(this.#settings);
    const words = wordsOf(instruction).map((word) => expand(word, values));
    const destination = words.at(-1) ?? '';
    const stage = instruction.flags.get('from');
    const from = stage === undefined ? this.#request.context : yield* this.#rootOf(stage);
    if (from instanceof Refusal) return new BuildFailure(`invalid from flag value ${stage}: ${from.message}`);
    const request: CopyRequest = {
      name: instruction.name as CopyRequest['name'],
      sources: words.slice(0, -1),
      destination,
      path: absolute(this.#settings.config.workingDir, destination),
      from,
      isContext: stage === undefined,
    };
    const copy = findSources(this.#engine, request);
    if (copy instanceof Refusal) return new BuildFailure(copy.message);
    const command = [...shellOf(this.#settings.config), `#(nop) ${instruction.name} ${copy.digest} in ${destination} `];
    if (this.#cached(command)) return undefined;
    const made = this.#changed((root) => copyInto(this.#engine, root, copy));
    if (made instanceof Refusal) return new BuildFailure(made.message);
    this.#commit(command, [made]);
    return undefined;
  }

  *#rootOf(stage: string): Blocking<Directory | Refusal> {
    const image = this.#stages.get(stage) ?? this.#stages.get(stage.toLowerCase()) ?? (yield* this.#findImage(stage));
    return image instanceof Refusal ? image : this.#engine.images.instantiate(image);
  }

  *#run(instruction: Instruction): Blocking<BuildFailure | undefined> {
    for (const flag of instruction.flags.keys()) return new BuildFailure(needsBuildKit(flag));
    const { config, args } = this.#settings;
    const words = commandLine(instruction, this.#settings);
    const inEnvironment = new Set((config.env ?? []).map((setting) => setting.split('=')[0]));
    const given = [...args].flatMap(([name, value]) => (value === undefined || inEnvironment.has(name) ? [] : [`${name}=${value}`])).sort();
    const command = given.length > 0 ? [`|${given.length}`, ...given, ...words] : words;
    if (this.#cached(command)) return undefined;
    const image = this.#image;
    if (!image) {
      const program = words[0] ?? '';
      return new BuildFailure(
        `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${program}": stat ${program}: no such file or directory`,
      );
    }
    const ran = yield* runStep(this.#engine, this.#connection, {
      image,
      config,
      words,
      environment: [...(config.env ?? []), ...given],
      removeOnFailure: this.#request.forceRemove,
    });
    if (ran instanceof BuildFailure) return ran;
    if (this.#request.remove) {
      this.#engine.containers.discard(ran.container);
      this.#say(` ---> Removed intermediate container ${ran.container.shortId}\n`);
    }
    this.#commit(command, [ran.layer]);
    return undefined;
  }

  /** What a change to the present image's files makes. */
  #changed(change: (root: Directory) => Refusal | undefined): Layer | Refusal {
    const { images, daemon } = this.#engine;
    const [before, after] = [images.rootOf(this.#image), images.rootOf(this.#image)];
    return change(after) ?? layerBetween(daemon, before, after);
  }

  /** Goes on with the image that the same step made before, if there is one. */
  #cached(command: readonly string[]): boolean {
    if (this.#cacheBroken || !this.#image) return false;
    const recipe = recipeOf(command, this.#settings.config);
    // The newest is taken.
    const found = this.#engine.images.childrenOf(this.#image).findLast((image) => image.recipe === recipe);
    if (!found) {
      this.#cacheBroken = true;
      return false;
    }
    this.#say(` ---> Using cache\n ---> ${found.id.slice(0, 12)}\n`);
    this.#image = found;
    return true;
  }

  /** A step whose container never runs. */
  #commitWithContainer(command: readonly string[], layers: readonly Layer[]): void {
    if (layers.length === 0 && this.#cached(command)) return;
    const id = this.#engine.random(`build-container/${this.#engine.nextSequence()}`).hex(12);
    this.#say(` ---> Running in ${id}\n`);
    if (this.#request.remove) this.#say(` ---> Removed intermediate container ${id}\n`);
    this.#commit(command, layers);
  }

  #commit(command: readonly string[], layers: readonly Layer[]): void {
    const { images, host } = this.#engine;
    const filled = layers.filter((layer) => layer.entries.length > 0);
    const { config } = this.#settings;
    const step = {
      created: host.now,
      createdBy: command.join(' '),
      comment: '',
      size: filled.reduce((sum, { size }) => sum + size, 0),
      empty: filled.length === 0,
    };
    const parent = this.#image;
    this.#image = images.make({
      ...(parent ? { parent } : {}),
      layers: filled,
      config: config as ImageConfig,
      history: [...(parent?.history ?? []), step],
      created: host.now,
      recipe: recipeOf(command, config),
    });
    this.#say(` ---> ${this.#image.id.slice(0, 12)}\n`);
  }
}

/** What two steps must have in common to make the same image of the same parent. */
function recipeOf(command: readonly string[], config: ImageConfig): string {
  return JSON.stringify([command, config]);
}

function needsBuildKit(flag: string): string {
  return `the --${flag} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled`;
}

/** `--label` of the build, as a last instruction. */
function labelInstruction(labels: [string, string][]): Instruction {
  const rest = labels.map(([name, value]) => `${JSON.stringify(name).slice(1, -1)}=${JSON.stringify(value)}`).join(' ');
  return { name: 'LABEL', original: `LABEL ${rest}`, rest, flags: new Map(), json: undefined, line: 0 };
}
