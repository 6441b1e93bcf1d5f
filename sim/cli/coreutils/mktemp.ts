import { strerror } from '../../base/errno.ts';
import { Random } from '../../base/random.ts';
import { RegularFile } from '../../host/inode.ts';
import { exists, makeDirectory, stat } from '../tool/filesystem.ts';
import { flag, optional, type Tool, valued } from '../tool/tool.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export const mktemp: Tool = {
  name: 'mktemp',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [TEMPLATE]'],
  about: "Make a file (or with -d a directory) with a new name and print the name. The X's of TEMPLATE (tmp.XXXXXXXXXX) are replaced.",
  options: [
    flag('d', 'directory', 'make a directory'),
    flag('u', 'dry-run', 'make nothing, only print a name'),
    flag('q', 'quiet', 'no error messages'),
    valued('', 'suffix', 'SUFF', "what comes behind the X's"),
    { ...valued('p', '', 'DIR', 'in DIR'), name: 'tmpdir' },
    optional('', 'tmpdir', 'DIR', 'in DIR, or $TMPDIR, or /tmp'),
    flag('t', '', 'TEMPLATE is a name in the directory for temporary files'),
  ],
  *main(call) {
    const [given, extra] = call.operands;
    if (extra !== undefined) return yield* call.badUsage('too many templates');
    const template = given ?? 'tmp.XXXXXXXXXX';
    const match = /^(.*?)(X{3,})([^X/]*)$/s.exec(template);
    if (!match) return yield* call.fail(call.either(`too few X's in template ${call.quote(template)}`, ': Invalid argument'));
    const [, front = '', marks = '', back = ''] = match;
    const folder = call.value('tmpdir') || call.process.env.get('TMPDIR') || '/tmp';
    const prefix = given === undefined || call.has('tmpdir', 't') ? `${folder.replace(/\/+$/, '')}/` : '';
    const random = new Random(call.process.host.seed, `${call.process.host.name}/mktemp/${call.process.pid}`);
    for (let attempt = 0; attempt < 100; attempt++) {
      const middle = Array.from(marks, () => LETTERS[random.below(LETTERS.length)]).join('');
      const path = `${prefix}${front}${middle}${back}${call.value('suffix') ?? ''}`;
      if (exists(call.process, path)) continue;
      const failed = call.has('dry-run') ? undefined : make(call.process, path, call.has('directory'));
      if (failed) {
        const kind = call.has('directory') ? 'directory' : 'file';
        return call.has('quiet')
          ? 1
          : yield* call.fail(
              call.either(
                `failed to create ${kind} via template ${call.quoteFile(prefix + template)}: ${strerror(failed)}`,
                `: ${strerror(failed)}`,
              ),
            );
      }
      yield* call.out.text(`${path}\n`);
      return 0;
    }
    return 1;
  },
};

function make(process: Parameters<typeof stat>[0], path: string, directory: boolean): ReturnType<typeof makeDirectory> {
  if (directory) return makeDirectory(process, path, 0o700);
  const fd = process.open(path, { write: true, create: true, exclusive: true });
  if (typeof fd === 'string') return fd;
  process.close(fd);
  const inode = stat(process, path);
  if (inode instanceof RegularFile) inode.mode = 0o600;
  return undefined;
}
