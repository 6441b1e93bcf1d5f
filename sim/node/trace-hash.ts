/** Reads a recording (JSON) from standard input, replays it in this process and prints the digest of its trace. */
import { readFileSync } from 'node:fs';
import { World } from '../complete.ts';
import { traceDigest } from './trace-digest.ts';

const recording = JSON.parse(readFileSync(0, 'utf8'), (key, value) => (key === 'bytes' ? Uint8Array.from(value) : value));
process.stdout.write(`${traceDigest(World.replay(recording))}\n`);
