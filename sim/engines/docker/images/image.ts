import type { Directory } from '../../../host/inode.ts';

/** What an image's definition may need from the world that carries it. */
export interface ImageIngredients {
  /** The names under which busybox's applets are linked. */
  busyboxApplets: readonly string[];
  /** Every program of the world's Debian with the paths where it is installed, for images built on one. */
  programs: readonly { name: string; paths: readonly string[] }[];
}

/** The part of an image's configuration that decides how its containers run (OCI image-spec, `config`). */
export interface ImageConfig {
  entrypoint?: readonly string[];
  cmd?: readonly string[];
  env?: readonly string[];
  workingDir?: string;
  user?: string;
  exposedPorts?: readonly string[];
  stopSignal?: string;
  labels?: Readonly<Record<string, string>>;
  volumes?: readonly string[];
  healthcheck?: Healthcheck;
  /** The shell of RUN, CMD and ENTRYPOINT as plain text (Dockerfile SHELL). */
  shell?: readonly string[];
  /** Instructions for whoever builds on it (Dockerfile ONBUILD). */
  onBuild?: readonly string[];
}

/** How the Engine finds out whether a container does its work (`container.HealthConfig`); durations in nanoseconds, 0 the default. */
export interface Healthcheck {
  /** `CMD` and words, `CMD-SHELL` and a line, or `NONE`; empty: the image's. */
  Test?: readonly string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

/** An image that the world's registry of images knows. Adding one: a file with a definition and a line in `registry.ts`. */
export interface ImageDefinition {
  /** `busybox`, without a tag. */
  repository: string;
  tag: string;
  /** Bytes on disk. */
  size: number;
  config: ImageConfig;
  /** Not on a machine from the start: it is there after a pull. */
  remote?: true;
  /** What `docker history` says of it. */
  comment?: string;
  command?: string;
  /** A fresh root file system for one container. */
  instantiate(ingredients: ImageIngredients): Directory;
}
