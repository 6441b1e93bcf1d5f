import { formatIP } from '../../base/address.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import type { Endpoint } from '../../host/inet-socket.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { DnsmasqSettings } from './options.ts';

/**
 * Where dnsmasq's messages go (log.c): to standard error with -d or `--log-facility=-`, to a file, else to the system's log, which isn't
 * modelled and swallows them.
 */
export class Log {
  readonly #process: Process;
  readonly #settings: DnsmasqSettings;
  readonly #fd: number | undefined;
  /** With `--log-queries=extra` the questions are numbered. */
  #serial = 0;
  #label = '';

  constructor(process: Process, settings: DnsmasqSettings) {
    this.#process = process;
    this.#settings = settings;
    const { logTo, debug } = settings;
    if (logTo?.startsWith('/')) {
      const fd = process.open(logTo, { write: true, append: true, create: true });
      this.#fd = typeof fd === 'number' ? fd : undefined;
    } else this.#fd = logTo === '-' || debug ? 2 : undefined;
  }

  *line(text: string): Blocking<void> {
    if (this.#fd === undefined) return;
    const { logTo, debug } = this.#settings;
    const when = logTo?.startsWith('/') ? `${strftime('%b %e %H:%M:%S', momentOf(this.#process.host.now))} ` : '';
    const pid = debug && logTo === undefined ? '' : `[${this.#process.nspid}]`;
    yield* this.#process.write(this.#fd, `${when}dnsmasq${pid}: ${text}\n`);
  }

  /** About a question, if that is wanted. @param client who asked, for a new one */
  *query(text: string, client?: Endpoint): Blocking<void> {
    if (this.#settings.log === 'no') return;
    if (client) {
      this.#serial++;
      this.#label = `${this.#serial} ${formatIP(client.address)}/${client.port} `;
    }
    yield* this.line(this.#settings.log === 'extra' ? this.#label + text : text);
  }
}
