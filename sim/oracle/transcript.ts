/**
 * A console transcript: `# world: NAME` and other comments, then `HOST$ COMMAND` lines, each continued by lines that start with
 * `> ` and followed by what the command printed (README.md).
 */
export interface Transcript {
  world: string;
  /** The comment lines before the first command, without the world's. */
  comments: string[];
  steps: Step[];
}

export interface Step {
  host: string;
  /** The command; continuation lines after newlines. */
  command: string;
  output: string[];
}

/** A line that is neither comment nor command where only those may stand. */
export interface BadLine {
  number: number;
  text: string;
}

const COMMAND = /^([a-z0-9-]+)\$ (.*)$/;
const WORLD = /^# world:(.*)$/;

/** Reads a transcript. Without a world line it is for `linux`, as the recorder has it. */
export function parseTranscript(text: string): Transcript | BadLine {
  const transcript: Transcript = { world: 'linux', comments: [], steps: [] };
  let inCommand = false;
  const lines = text.replace(/\n$/, '').split('\n');
  for (const [index, line] of lines.entries()) {
    const [, host, command] = COMMAND.exec(line) ?? [];
    const step = transcript.steps.at(-1);
    if (host !== undefined && command !== undefined) {
      transcript.steps.push({ host, command, output: [] });
      inCommand = true;
    } else if (!step) {
      const world = WORLD.exec(line)?.[1]?.trim();
      if (world !== undefined) transcript.world = world;
      else if (line.startsWith('#')) transcript.comments.push(line);
      else if (line !== '') return { number: index + 1, text: line };
    } else if (inCommand && line.startsWith('> ')) {
      step.command += `\n${line.slice(2)}`;
    } else {
      inCommand = false;
      step.output.push(line);
    }
  }
  return transcript;
}

export function isBadLine(parsed: Transcript | BadLine): parsed is BadLine {
  return 'number' in parsed;
}

/** The lines that head a transcript. */
export function formatHeader(transcript: Transcript): string {
  return [`# world: ${transcript.world}`, ...transcript.comments].map((line) => `${line}\n`).join('');
}

/** A command as it is typed: the prompt, continuation lines behind `> `. */
export function formatCommand(step: Step): string {
  const [first = '', ...rest] = step.command.split('\n');
  return [`${step.host}$ ${first}`, ...rest.map((line) => `> ${line}`)].map((line) => `${line}\n`).join('');
}
