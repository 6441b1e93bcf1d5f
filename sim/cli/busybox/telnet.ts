import { formatIP, type IP } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import { openStreamSocket } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { resolveName } from '../name-resolution.ts';
import { servicePort } from '../service-names.ts';
import { appletProgram, Die, letters, options, ShowUsage } from './failure.ts';

/** busybox's telnet (networking/telnet.c). It says no to whatever the server wants to negotiate. */
export const telnet = appletProgram('telnet', runTelnet);

const IAC = 255;
const ESCAPE = { will: 251, wont: 252, do: 253, dont: 254, begin: 250, end: 240 } as const;

function* runTelnet(process: Process, args: readonly string[]): Blocking<number> {
  const { operands } = options(letters('al:'), args);
  const [host, service = '23'] = operands;
  if (host === undefined) throw new ShowUsage();
  const known = (yield* servicePort(process, 'tcp'))(service);
  if (known === undefined && (!/^\d+$/.test(service) || Number(service) > 65_535)) throw new Die(`bad port '${service}'`);
  const resolved = yield* resolveName(process, host);
  if (typeof resolved === 'string') throw new Die(`bad address '${host}'`);
  const address = resolved.addresses[0] as IP;
  const socket = openStreamSocket(process, typeof address === 'bigint' ? 6 : 4);
  const fd = process.install(socket);
  const failed = yield* socket.connect(address, known ?? Number(service));
  if (failed) throw new Die(`can't connect to remote host (${formatIP(address)}): ${strerror(failed)}`);
  yield* process.write(1, `Connected to ${host}\n`);
  const negotiation = new Negotiation();
  const input = process.fds.get(0);
  for (let reading = input !== undefined; ; ) {
    const bytes = socket.read(4096);
    if (typeof bytes === 'string' && bytes !== 'EAGAIN') return 1;
    if (typeof bytes !== 'string') {
      if (bytes.length === 0) {
        yield* process.write(2, 'Connection closed by foreign host\r\n');
        return 1;
      }
      const { text, answer } = negotiation.push(bytes);
      yield* process.write(1, text);
      if (answer.length > 0) yield* process.write(fd, answer);
      continue;
    }
    const typed = reading && input ? input.read(4096) : 'EAGAIN';
    if (typed !== 'EAGAIN') {
      // Standard input's end ends the session.
      if (typeof typed === 'string' || typed.length === 0) return 0;
      yield* process.write(fd, negotiation.escape(typed));
      continue;
    }
    reading = input !== undefined;
    yield { on: [socket.readable, ...(reading && input ? [input.readable] : [])] };
  }
}

/** The commands in the server's bytes, which may be cut anywhere. */
class Negotiation {
  #state: 'text' | 'iac' | 'option' | 'sub' | 'sub-iac' = 'text';
  #verb = 0;

  push(bytes: Uint8Array): { text: Uint8Array; answer: Uint8Array } {
    const [text, answer]: [number[], number[]] = [[], []];
    for (const byte of bytes) {
      if (this.#state === 'text') {
        if (byte === IAC) this.#state = 'iac';
        else text.push(byte);
      } else if (this.#state === 'iac') {
        if (byte === IAC) text.push(byte);
        this.#verb = byte;
        this.#state = byte === ESCAPE.begin ? 'sub' : byte >= ESCAPE.will && byte <= ESCAPE.dont ? 'option' : 'text';
      } else if (this.#state === 'option') {
        if (this.#verb === ESCAPE.do) answer.push(IAC, ESCAPE.wont, byte);
        else if (this.#verb === ESCAPE.will) answer.push(IAC, ESCAPE.dont, byte);
        this.#state = 'text';
      } else if (this.#state === 'sub') {
        if (byte === IAC) this.#state = 'sub-iac';
      } else this.#state = byte === ESCAPE.end ? 'text' : 'sub';
    }
    return { text: Uint8Array.from(text), answer: Uint8Array.from(answer) };
  }

  /** What is typed: 255 is doubled, a line's end becomes CR LF. */
  escape(bytes: Uint8Array): Uint8Array {
    return Uint8Array.from([...bytes].flatMap((byte) => (byte === IAC ? [IAC, IAC] : byte === 10 ? [13, 10] : [byte])));
  }
}
