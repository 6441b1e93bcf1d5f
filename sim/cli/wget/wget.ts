import { strerror } from '../../base/errno.ts';
import { RegularFile } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { compilePosix, isPosixError } from '../posix-regex.ts';
import { stat } from '../tool/filesystem.ts';
import { readCommandLine } from './command-line.ts';
import { convertAll } from './convert.ts';
import { uniqueName } from './file-name.ts';
import { Log } from './log.ts';
import { durationText, rateText, sizeText } from './progress.ts';
import { retrieveAll } from './run.ts';
import { EXIT, Session } from './session.ts';
import { defaults, type Settings } from './settings.ts';
import type { UrlPatterns } from './recursion.ts';

/** wget(1): documents over HTTP, one after the other or with what they link to. FTP and TLS are not modelled. */
export const wget: Command = { name: 'wget', paths: ['/usr/bin/wget'], run: runWget };

function* runWget(process: Process): Blocking<number> {
  const quote = new Log(process, defaults()).quote;
  const read = readCommandLine(process, quote);
  if ('status' in read) {
    yield* process.write(read.stream, read.text);
    return read.status;
  }
  const { settings, urls, warnings } = read;
  const log = new Log(process, settings);
  const unopened = settings.background ? undefined : log.open();
  if (unopened !== undefined) {
    yield* process.write(2, unopened);
    return EXIT.generic;
  }
  for (const warning of warnings) yield* log.write('always', warning);
  const [style] = settings.progress.split(':').slice(1);
  if (settings.progress.startsWith('dot:') && !/^(default|binary|mega|giga)$/i.test(style ?? ''))
    yield* process.write(2, `Invalid dot style specification ${quote(style ?? '')}; leaving unchanged.\n`);
  const patterns = yield* compilePatterns(process, settings);
  if (!patterns) return EXIT.generic;
  return settings.background ? yield* inBackground(process, settings, urls, patterns) : yield* work(process, settings, log, urls, patterns);
}

function* compilePatterns(process: Process, settings: Settings): Blocking<UrlPatterns | undefined> {
  const compiled: (RegExp | undefined)[] = [];
  for (const source of [settings.acceptRegex, settings.rejectRegex]) {
    const pattern = source === undefined ? undefined : compilePosix(source, { extended: true });
    if (pattern && isPosixError(pattern)) {
      yield* process.write(2, `Invalid regular expression ${new Log(process, settings).quote(source ?? '')}, ${pattern.error}\n`);
      return undefined;
    }
    compiled.push(pattern);
  }
  return { accept: compiled[0], reject: compiled[1] };
}

/** -b: a child goes on in a session of its own, its messages in a file (fork_to_background). */
function* inBackground(process: Process, settings: Settings, urls: string[], patterns: UrlPatterns): Blocking<number> {
  const log = new Log(process, settings);
  let told = '';
  if (settings.logFile === undefined && (!settings.quiet || settings.serverResponse)) {
    settings.logFile = uniqueName(process, 'wget-log');
    const fd = process.open(settings.logFile, { write: true, create: true, exclusive: true });
    if (typeof fd === 'number') process.close(fd);
    told = `Output will be written to ${log.quote(settings.logFile)}.\n`;
  }
  const child = process.fork(
    function* (self) {
      for (const fd of [0, 1, 2]) self.open('/dev/null', { read: true, write: true }, fd);
      const own = new Log(self, settings);
      own.open();
      return yield* work(self, settings, own, urls, patterns);
    },
    { session: { tty: undefined } },
  );
  if (typeof child === 'string') {
    yield* process.write(2, `fork: ${strerror(child)}\n`);
    return EXIT.generic;
  }
  yield* process.write(1, `Continuing in background, pid ${child.nspid}.\n${told}`);
  return 0;
}

function* work(process: Process, settings: Settings, log: Log, urls: string[], patterns: UrlPatterns): Blocking<number> {
  const session = new Session(process, settings, log);
  const unopened = openOutput(session);
  if (unopened !== undefined) {
    yield* process.write(2, unopened);
    return EXIT.generic;
  }
  const broken: string[] = [];
  yield* retrieveAll(session, urls, patterns, broken);
  if (settings.recursive && settings.spider) yield* tellBroken(log, broken);
  if (settings.recursive || settings.pageRequisites || urls.length > 1 || settings.inputFile !== undefined) yield* tellSum(session);
  yield* session.saveCookies();
  if (settings.convertLinks && !settings.deleteAfter) yield* convertAll(session);
  return session.status;
}

/** Opens the file of -O, before anything is asked for. @returns why it can't be */
function openOutput(session: Session): string | undefined {
  const { settings, process } = session;
  const name = settings.outputDocument;
  if (name === undefined) return undefined;
  const fd =
    name === '-' ? 1 : process.open(name, { write: true, create: true, ...(settings.resume ? { append: true } : { truncate: true }) });
  if (typeof fd === 'string') return `${name}: ${strerror(fd)}\n`;
  session.output = { fd, regular: name !== '-' && stat(process, name) instanceof RegularFile };
  if (session.output.regular || !(settings.convertLinks || settings.recursive)) return undefined;
  return '-k or -r can be used together with -O only if outputting to a regular file.\n';
}

function* tellBroken(log: Log, broken: readonly string[]): Blocking<void> {
  if (broken.length === 0) {
    yield* log.write('notquiet', 'Found no broken links.\n\n');
    return;
  }
  yield* log.write('notquiet', `Found ${broken.length} broken link${broken.length === 1 ? '' : 's'}.\n\n`);
  for (const url of broken) yield* log.write('notquiet', `${url}\n`);
  yield* log.write('notquiet', '\n');
}

function* tellSum(session: Session): Blocking<void> {
  const { log, settings, files, bytes, took, process } = session;
  if (bytes === 0) return;
  const wall = durationText(process.host.now - session.began);
  yield* log.write(
    'notquiet',
    `FINISHED --${log.time}--\nTotal wall clock time: ${wall}\n` +
      `Downloaded: ${files} files, ${sizeText(bytes)} in ${durationText(took)} (${rateText(bytes, took, settings.reportBits)})\n`,
  );
  if (session.overQuota) yield* log.write('notquiet', `Download quota of ${sizeText(settings.quota)} EXCEEDED!\n`);
}
