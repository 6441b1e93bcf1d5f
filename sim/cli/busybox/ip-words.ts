import type { IP } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import type { LinkInfo, NetlinkError } from '../../host/netlink/messages.ts';
import { rtNetlinkOf } from '../../host/netlink/open.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import { addressOf, type Family, parseUnsigned, prefixOf, type WrittenPrefix } from '../iproute2/values.ts';
import { Die, type Speech } from './failure.ts';

/** One run of the `ip` applet: its options, its words, and the kernel (networking/libiproute). */
export class IpRun {
  readonly netlink: RtNetlink;
  readonly speech: Speech;
  readonly process: Process;
  family: Family | 'link' = 0;
  oneline = false;
  /** What bad words end with; `ip link` has 2. */
  errorStatus = 1;
  #words: readonly string[];
  #at = 0;

  constructor(process: Process, speech: Speech, words: readonly string[]) {
    this.process = process;
    this.speech = speech;
    this.netlink = rtNetlinkOf(process);
    this.#words = words;
  }

  get empty(): boolean {
    return this.#at >= this.#words.length;
  }

  take(): string {
    return this.#words[this.#at++] ?? '';
  }

  back(): void {
    this.#at--;
  }

  /** NEXT_ARG. */
  value(): string {
    if (this.empty) throw this.die('command line is not complete, try "help"');
    return this.take();
  }

  die(text: string): Die {
    return new Die(text, this.errorStatus);
  }

  invalid(word: string, place: string): Die {
    return this.die(`invalid argument '${word}' to '${place}'`);
  }

  garbage(key: string, word: string): Die {
    return this.die(`either "${key}" is duplicate, or "${word}" is garbage`);
  }

  duplicate(key: string, word: string): Die {
    return this.die(`duplicate "${key}": "${word}" is the second value`);
  }

  /** 4, 6 or 0 for any. */
  get addressFamily(): Family {
    return this.family === 'link' ? 0 : this.family;
  }

  get newline(): string {
    return this.oneline ? '\\' : '\n';
  }

  device(name: string): LinkInfo {
    const link = this.netlink.link(name);
    if (!link) throw this.die(`can't find device '${name}'`);
    return link;
  }

  deviceName(ifindex: number): string {
    return this.netlink.link(ifindex)?.name ?? `if${ifindex}`;
  }

  address(text: string, family: Family): IP {
    const address = addressOf(text, family);
    if (address === undefined) throw this.die(`an ${family === 6 ? 'inet6' : 'inet'} address is expected rather than "${text}"`);
    return address;
  }

  prefix(text: string, family: Family): WrittenPrefix {
    const prefix = prefixOf(text, family);
    if (!prefix) throw this.die(`an ${family === 6 ? 'inet6' : 'inet'} prefix is expected rather than "${text.split('/')[0]}"`);
    return prefix;
  }

  unsigned(text: string, place: string): number {
    const value = parseUnsigned(text);
    if (value === undefined) throw this.invalid(text, place);
    return value;
  }

  /** A refused request; 2 is what all of them end with. */
  outcome(refused: NetlinkError | undefined): number {
    if (!refused) return 0;
    this.speech.complain(`RTNETLINK answers: ${strerror(refused.errno)}`);
    return 2;
  }
}

/** Which keyword a word stands for: itself, or the only one that begins with it (index_in_substrings). */
export function keyword<K extends string>(keywords: readonly K[], word: string): K | undefined {
  const exact = keywords.find((candidate) => candidate === word);
  if (exact !== undefined) return exact;
  const matches = word === '' ? [] : keywords.filter((candidate) => candidate.startsWith(word));
  return matches.length === 1 ? matches[0] : undefined;
}
