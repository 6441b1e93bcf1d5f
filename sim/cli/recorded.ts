/** One recorded command: what it was given and what the real tool printed. */
export interface Recording {
  args: string[];
  stdin: string;
  stdout: string;
  stderr: string;
  status: number;
  /** The line of the file on which it begins, for failures. */
  line: number;
}

export interface Recordings {
  files: Record<string, string>;
  cases: Recording[];
}

/**
 * Reads a file of recorded commands, as the tests of the text tools keep them. Every line begins with its kind:
 *
 *     # a remark
 *     @ name "text"     a file in the working directory, as a JSON string
 *     < "text"          standard input of the commands that follow, as a JSON string
 *     $ arg 'arg two'   a command's arguments, quoted as in a shell; `> ` continues them on another line
 *     | line            a line of standard output (`} ` when it has no newline at its end)
 *     ! line            a line of standard error
 *     ? 2               the exit status, when it isn't 0
 */
export function parseRecordings(text: string): Recordings {
  const recordings: Recordings = { files: {}, cases: [] };
  let stdin = '';
  let command = '';
  let current: Recording | undefined;
  const lines = text.split('\n');
  lines.forEach((line, i) => {
    const rest = line.slice(2);
    const kind = line[0];
    if (kind === '@') {
      const space = rest.indexOf(' ');
      recordings.files[rest.slice(0, space)] = JSON.parse(rest.slice(space + 1)) as string;
    } else if (kind === '<') stdin = JSON.parse(rest) as string;
    else if (kind === '$' || kind === '>') {
      command = kind === '$' ? rest : `${command}\n${rest}`;
      if (kind === '$') {
        current = { args: [], stdin, stdout: '', stderr: '', status: 0, line: i + 1 };
        recordings.cases.push(current);
      }
      if (current) current.args = splitWords(command);
    } else if (current && kind === '|') current.stdout += `${rest}\n`;
    else if (current && kind === '}') current.stdout += rest;
    else if (current && kind === '!') current.stderr += `${rest}\n`;
    else if (current && kind === '?') current.status = Number(rest);
  });
  return recordings;
}

/** Words of a shell command with nothing but single quotes and backslashes in it. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (char === "'") {
      const end = text.indexOf("'", i + 1);
      if (end < 0) break;
      word = (word ?? '') + text.slice(i + 1, end);
      i = end;
    } else if (char === '\\') word = (word ?? '') + (text[++i] ?? '');
    else if (char === ' ') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  return word === undefined ? words : [...words, word];
}
