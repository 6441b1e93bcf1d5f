import type { IP } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, optionValue, type Parsed } from '../getopt.ts';
import { HELP, OPTIONS, USAGE } from './options.ts';
import { Output } from './output.ts';
import { durationText, rateText, sizeText } from './progress.ts';
import { EXIT, Retrieval } from './retrieval.ts';

const TRY = `${USAGE}\nTry \`wget --help' for more options.\n`;

/** wget(1): HTTP over TCP, one document after the other. Recursion, FTP and TLS are not modelled. */
export const wget: Command = { name: 'wget', paths: ['/usr/bin/wget'], run: runWget };

function* runWget(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    yield* process.write(2, parsed.unmodelled ? notModelled('wget', `option '${parsed.unmodelled}'`) : `wget: ${parsed.error}\n${TRY}`);
    return EXIT.parse;
  }
  if (hasOption(parsed, 'help') || hasOption(parsed, 'version')) {
    yield* process.write(1, hasOption(parsed, 'help') ? HELP : 'GNU Wget 1.25.0 built on linux-gnu.\n\n+ipv6 -https\n');
    return 0;
  }
  const output = new Output(process, parsed);
  const wrong = complaint(parsed, output);
  if (wrong) {
    yield* process.write(2, wrong.text);
    return wrong.status;
  }
  const shared = output.openShared();
  if (shared !== undefined) {
    yield* process.write(2, `${shared}\n`);
    return EXIT.generic;
  }
  return yield* retrieveAll(process, parsed, output);
}

/** What is wrong with the options as a whole. */
function complaint(parsed: Parsed, output: Output): { text: string; status: number } | undefined {
  for (const { name, value } of [...parsed.options]) {
    if (name === 'no' && value !== 'v') {
      const known = ['c', 'd', 'H', 'p'].includes(value);
      const text = known ? notModelled('wget', `option '-n${value}'`) : `wget: invalid option -- 'n${value}'\n${TRY}`;
      return { text, status: EXIT.parse };
    }
    if (name === 'no') parsed.options.push({ name: 'no-verbose', value: '' });
    if (/timeout$/.test(name) && !/^\d+(\.\d*)?$/.test(value))
      return { text: `wget: --${name}: Invalid time period ${output.quote(value)}\n`, status: EXIT.parse };
    if (name === 'header' && !/^[^:\s]+:/.test(value))
      return { text: `wget: --header: Invalid header ${output.quote(value)}.\n`, status: EXIT.parse };
  }
  const generic = (text: string) => ({ text, status: EXIT.generic });
  const has = (name: string) => hasOption(parsed, name);
  if (has('quiet') && has('verbose')) return generic(`Can't be verbose and quiet at the same time.\n${USAGE}`);
  if (has('method') && has('post-data'))
    return generic(
      'You cannot use --post-data or --post-file along with --method. --method expects data through --body-data and --body-file options\n',
    );
  if (has('body-data') && !has('method'))
    return generic('You must specify a method through --method=HTTPMethod to use with --body-data or --body-file.\n');
  if (parsed.operands.length === 0 && !has('input-file')) return generic(`wget: missing URL\n${TRY}`);
  return undefined;
}

function* retrieveAll(process: Process, parsed: Parsed, output: Output): Blocking<number> {
  const began = process.host.now;
  const loud = !hasOption(parsed, 'quiet');
  const known = new Map<string, IP[]>();
  let status = 0;
  function* retrieve(text: string): Blocking<void> {
    const result = yield* new Retrieval(process, parsed, output, text, known).run();
    // The lowest number says the most.
    if (result !== 0 && (status === 0 || result < status)) status = result;
  }
  const spider = hasOption(parsed, 'spider') || optionValue(parsed, 'method')?.toUpperCase() === 'HEAD';
  const verbose = loud && !hasOption(parsed, 'no-verbose');
  const plainly = function* (url: string): Blocking<string> {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url;
    const quote = output.quote(url);
    if (loud) yield* process.write(2, `Prepended http:// to ${/^‘/.test(quote) ? `'${url}'` : quote}\n`);
    return `http://${url}`;
  };
  for (const operand of parsed.operands) {
    const url = yield* plainly(operand);
    if (spider && verbose) yield* process.write(2, 'Spider mode enabled. Check if remote file exists.\n');
    yield* retrieve(url);
  }
  const file = optionValue(parsed, 'input-file');
  if (file !== undefined) {
    const bytes = yield* process.readFile(file === '-' ? '/dev/stdin' : file);
    if (typeof bytes === 'string' && loud) yield* process.write(2, `${file}: ${strerror(bytes)}\n`);
    const lines = typeof bytes === 'string' ? [] : decode(bytes).split('\n');
    const urls: string[] = [];
    for (const line of lines) if (line.trim() !== '') urls.push(yield* plainly(line.trim()));
    if (urls.length === 0 && loud) yield* process.write(2, `No URLs found in ${file}.\n`);
    for (const url of urls) yield* retrieve(url);
  }
  if (loud && output.files > 1) {
    const { files, bytes, took } = output;
    const now = strftime('%Y-%m-%d %H:%M:%S', momentOf(process.host.now));
    yield* process.write(
      2,
      `FINISHED --${now}--\nTotal wall clock time: ${durationText(process.host.now - began)}\n` +
        `Downloaded: ${files} files, ${sizeText(bytes)} in ${durationText(took)} (${rateText(bytes, took)})\n`,
    );
  }
  return status;
}
