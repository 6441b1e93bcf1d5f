import type { Flag } from '../flags.ts';

/** Flags of `docker` itself. */
export const GLOBAL: readonly Flag[] = [
  { long: 'config', type: 'string', usage: 'Location of client config files', initial: '"/root/.docker"', unmodelled: true },
  {
    long: 'context',
    short: 'c',
    type: 'string',
    usage:
      'Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")',
    unmodelled: true,
  },
  { long: 'debug', short: 'D', type: 'bool', usage: 'Enable debug mode' },
  { long: 'host', short: 'H', type: 'string', usage: 'Daemon socket to connect to' },
  {
    long: 'log-level',
    short: 'l',
    type: 'string',
    usage: 'Set the logging level ("debug", "info", "warn", "error", "fatal")',
    initial: '"info"',
  },
  { long: 'tls', type: 'bool', usage: 'Use TLS; implied by --tlsverify', unmodelled: true },
  { long: 'tlscacert', type: 'string', usage: 'Trust certs signed only by this CA', initial: '"/root/.docker/ca.pem"', unmodelled: true },
  { long: 'tlscert', type: 'string', usage: 'Path to TLS certificate file', initial: '"/root/.docker/cert.pem"', unmodelled: true },
  { long: 'tlskey', type: 'string', usage: 'Path to TLS key file', initial: '"/root/.docker/key.pem"', unmodelled: true },
  { long: 'tlsverify', type: 'bool', usage: 'Use TLS and verify the remote', unmodelled: true },
  { long: 'version', short: 'v', type: 'bool', usage: 'Print version information and quit' },
];
