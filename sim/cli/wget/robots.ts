import { decode } from '../../base/bytes.ts';
import type { Blocking } from '../../host/wait.ts';
import { unlink } from '../tool/filesystem.ts';
import { retrieveUrl } from './retrieve-url.ts';
import type { Session } from './session.ts';
import { parseWgetUrl, mergeUrl, unescapeUrl, urlText, type WgetUrl } from './url.ts';

interface Rule {
  path: string;
  allowed: boolean;
  /** Given for wget by name, not for all. */
  exact: boolean;
}

/** What robots.txt says to wget; with a record of its own, those for all robots don't count (res_parse in res.c). */
export function parseRobots(text: string): Rule[] {
  const rules: Rule[] = [];
  let applies = false;
  let exact = false;
  let inRecord = false;
  let named = false;
  for (const line of text.split('\n')) {
    const [, field = '', value = ''] = /^\s*([A-Za-z0-9-]+)\s*:\s*(.*?)\s*$/.exec(line.replace(/(^|\s)#.*$/, '')) ?? [];
    switch (field.toLowerCase()) {
      case 'user-agent':
        if (inRecord || !applies) {
          exact = value.toLowerCase() === 'wget';
          applies = exact || value === '*';
        }
        named ||= exact;
        inRecord = false;
        break;
      case 'allow':
      case 'disallow':
        if (applies) rules.push({ path: value.replace(/^\//, ''), allowed: field.toLowerCase() === 'allow' || value === '', exact });
        inRecord = true;
        break;
    }
  }
  return named ? rules.filter((rule) => rule.exact) : rules;
}

/** The first rule that fits a path decides. */
export function robotsAllow(rules: readonly Rule[], path: string): boolean {
  const plain = unescapeUrl(path);
  return rules.find((rule) => plain.startsWith(unescapeUrl(rule.path)))?.allowed ?? true;
}

/** The rules of every host that has been asked. */
export class Robots {
  readonly #session: Session;
  readonly #known = new Map<string, Rule[]>();

  constructor(session: Session) {
    this.#session = session;
  }

  *allows(url: WgetUrl): Blocking<boolean> {
    const key = `${url.host}:${url.port}`;
    let rules = this.#known.get(key);
    if (!rules) {
      rules = yield* this.#load(url);
      this.#known.set(key, rules);
    }
    return robotsAllow(rules, url.path);
  }

  *#load(url: WgetUrl): Blocking<Rule[]> {
    const { log, settings, process } = this.#session;
    const place = parseWgetUrl(mergeUrl(urlText(url), '/robots.txt'));
    if ('error' in place) return [];
    yield* log.write('verbose', 'Loading robots.txt; please ignore errors.\n');
    const { timestamping, spider } = settings;
    Object.assign(settings, { timestamping: false, spider: false });
    const { status, file } = yield* retrieveUrl(this.#session, place, undefined, false);
    Object.assign(settings, { timestamping, spider });
    if (status !== 0 || file === undefined) return [];
    const bytes = yield* process.readFile(file);
    if (settings.deleteAfter || spider || file.endsWith('.tmp')) {
      yield* log.write('verbose', `Removing ${file}.\n`);
      const failed = unlink(process, file);
      if (failed) yield* log.about('unlink', failed);
    }
    return typeof bytes === 'string' ? [] : parseRobots(decode(bytes));
  }
}
