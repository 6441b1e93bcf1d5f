import type { Blocking } from '../../host/wait.ts';
import type { Session } from './session.ts';
import { type WgetUrl, urlText } from './url.ts';

/** Why a link isn't followed, as --rejected-log has it. */
export type Rejection = 'BLACKLIST' | 'ABSOLUTE' | 'DOMAIN' | 'PARENT' | 'LIST' | 'REGEX' | 'RULES' | 'SPANNEDHOST' | 'ROBOTS';

const COLUMNS = ['URL', 'SCHEME', 'HOST', 'PORT', 'PATH', 'PARAMS', 'QUERY', 'FRAGMENT'];

/** The table of --rejected-log, its columns apart by tabs. */
export class RejectedLog {
  readonly #session: Session;
  #fd: number | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  *open(): Blocking<void> {
    const { settings, process, log } = this.#session;
    const { rejectedLog } = settings;
    if (rejectedLog === undefined) return;
    const fd = process.open(rejectedLog, { write: true, create: true, truncate: true });
    if (typeof fd === 'string') {
      yield* log.about(rejectedLog, fd);
      return;
    }
    this.#fd = fd;
    const head = ['REASON', ...['U', 'P'].flatMap((side) => COLUMNS.map((column) => `${side}_${column}`))];
    yield* process.write(fd, `${head.join('\t')}\n`);
  }

  *write(reason: Rejection, url: WgetUrl, parent: WgetUrl): Blocking<void> {
    if (this.#fd === undefined) return;
    const row = [reason, ...fields(url), ...fields(parent)].join('\t');
    yield* this.#session.process.write(this.#fd, `${row}\n`);
  }

  close(): void {
    if (this.#fd !== undefined) this.#session.process.close(this.#fd);
  }
}

function fields(url: WgetUrl): string[] {
  const text = urlText(url).replace(/:/g, '%3A');
  return [text, 'SCHEME_HTTP', url.host, String(url.port), url.path, '', url.query ?? '', url.fragment ?? ''];
}
